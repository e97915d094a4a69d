using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Recomputes the audit log's chain, entry by entry in order, and compares its end with the anchor. It stops at the first fault: what
/// comes after hangs on it.
/// </summary>
/// <param name="chainKey">Derived for <see cref="AuditChain.KeyPurpose"/>.</param>
/// <param name="anchor">Read before the first entry, so that the log can only have grown since. Null where there is none.</param>
public sealed class AuditVerification(byte[] chainKey, AuditAnchor? anchor)
{
    private byte[] _previous = AuditChain.Genesis.ToArray();

    public long Count { get; private set; }

    public AuditRecord? First { get; private set; }

    public AuditRecord? Last { get; private set; }

    /// <returns>What is wrong with the entry, or null.</returns>
    public AuditFault? Add(AuditRecord entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var due = Count + 1;
        if (entry.Seq > due)
            return new(due, entry.Seq == due + 1 ? $"Entry {due} is missing: it was removed." : $"The entries {due} to {entry.Seq - 1} are missing: they were removed.");
        if (entry.Seq < due)
            return new(entry.Seq, $"Entry {entry.Seq} stands where entry {due} is due: it was put in.");

        var hash = AuditChain.HashOf(entry, _previous, chainKey);
        var text = Convert.ToHexStringLower(hash);
        if (text != entry.Hash)
            return new(entry.Seq, $"Entry {entry.Seq} is not what auth wrote there: it was changed, exchanged for another, or put in.");
        if (entry.Seq == anchor?.Seq && text != anchor.Hash)
            return new(entry.Seq, $"Entry {entry.Seq} is not the one that the log had at {anchor.At:u}: the log was cut off there or before, and written on.");

        _previous = hash;
        Count = due;
        First ??= entry;
        Last = entry;
        return null;
    }

    /// <summary>After the last entry: whether more were there before.</summary>
    /// <returns>What is wrong with the end, or null.</returns>
    public AuditFault? Finish() =>
        anchor is null ? new(Count + 1, $"Whether entries after {Count} were cut off cannot be told: {AuditAnchor.Location} is missing from the state folder.")
        : anchor.Seq > Count ? new(Count + 1, $"The log ends with entry {Count}, but had come to {anchor.Seq} at {anchor.At:u}: its end was cut off.")
        : null;
}

/// <param name="Seq">The first entry that cannot be relied on.</param>
/// <param name="Meaning">In words.</param>
public sealed record AuditFault(long Seq, string Meaning);
