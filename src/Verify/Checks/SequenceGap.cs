namespace Throughline.Verify.Checks;

/// <summary>How a stream of events is not the log: seqs that did not come, that came again, or out of order.</summary>
internal sealed record SequenceGap(IReadOnlyList<long> Missing, IReadOnlyList<long> Repeated)
{
    private const int Shown = 5;
    private const string Lost = "without ";

    /// <param name="after">The seq before the first that is due.</param>
    /// <param name="head">The last that is due, where that is known.</param>
    public static SequenceGap Of(long after, IReadOnlyList<long> came, long? head = null)
    {
        var seen = new HashSet<long>();
        List<long> repeated = [.. came.Where(seq => !seen.Add(seq))];
        var last = Math.Max(head ?? after, came.Count == 0 ? after : came.Max());
        List<long> missing = [.. Enumerable.Range(1, (int)Math.Max(0, last - after)).Select(i => after + i).Where(seq => !seen.Contains(seq))];
        return new(missing, repeated);
    }

    /// <summary>In a comparison, as <see cref="ToString"/> wrote it.</summary>
    public static bool IsLoss(string written) => written.StartsWith(Lost, StringComparison.Ordinal);

    public override string ToString() =>
        Missing.Count > 0 ? Lost + List(Missing) : Repeated.Count > 0 ? "twice " + List(Repeated) : "out of order";

    private static string List(IReadOnlyList<long> seqs) =>
        string.Join(", ", seqs.Take(Shown)) + (seqs.Count > Shown ? $" and {seqs.Count - Shown} more" : "");
}
