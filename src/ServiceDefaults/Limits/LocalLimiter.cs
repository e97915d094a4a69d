using System.Runtime.InteropServices;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The same policies, counted by this node alone. It is asked before the store, so a flood is refused where it arrives; and it goes on
/// when the store does not answer, so a store that dies, or comes back empty, gives nobody a second quota.
/// </summary>
/// <param name="maxSubjects">
/// Subjects kept for each policy. Addresses are an attacker's to choose: beyond this many at once, newcomers share a few counts.
/// </param>
public sealed class LocalLimiter(TimeProvider time, int maxSubjects)
{
    private const int SharedCounts = 64;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, LocalCount>> _policies = [];
    private readonly long _began = time.GetTimestamp();
    private TimeSpan _sweptAt = TimeSpan.MinValue / 2;

    /// <summary>How many counts it holds.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _policies.Values.Sum(counts => counts.Count);
        }
    }

    /// <summary>Charges all or none.</summary>
    /// <param name="taken">What was charged, to be confirmed or taken back.</param>
    public LimitVerdict TryCharge(IReadOnlyList<LimitCharge> charges, string name, out LocalTake taken)
    {
        ArgumentNullException.ThrowIfNull(charges);
        lock (_gate)
        {
            var now = Now;
            var counts = charges.Select(Find).ToArray();
            var verdict = new LimitVerdict([.. charges.Zip(counts, (charge, count) => count.Look(charge, name, now))]);
            List<(LimitCharge, LocalCount)> parts = [];
            taken = new LocalTake(this, name, parts);
            if (!verdict.IsAllowed || charges.All(charge => charge.Amount == 0)) return verdict;

            foreach (var (charge, count) in charges.Zip(counts))
            {
                if (charge.Amount == 0) continue;
                Keep(charge, count, now);
                if (count.Take(charge, name, now)) parts.Add((charge, count));
            }

            return new([.. charges.Zip(counts, (charge, count) => count.Look(charge with { Amount = 0 }, "", now))]);
        }
    }

    /// <summary>Puts true amounts in the place of what was reserved under the name.</summary>
    public void Settle(IReadOnlyList<LimitCharge> charges, string name)
    {
        ArgumentNullException.ThrowIfNull(charges);
        lock (_gate)
        {
            var now = Now;
            foreach (var charge in charges)
            {
                var count = Find(charge);
                Keep(charge, count, now);
                count.Settle(charge, name, now);
            }
        }
    }

    /// <summary>Notes what the store refused.</summary>
    internal void Block(LimitCharge charge, TimeSpan wait)
    {
        lock (_gate)
        {
            var (count, now) = (Find(charge), Now);
            Keep(charge, count, now);
            count.Block(charge, now + wait);
        }
    }

    public void Forget(LimitCharge charge)
    {
        ArgumentNullException.ThrowIfNull(charge);
        lock (_gate) CountsOf(charge).Remove(charge.Subject.Value);
    }

    internal TimeSpan Now => time.GetElapsedTime(_began);

    internal Lock Gate => _gate;

    private LocalCount Find(LimitCharge charge)
    {
        var counts = CountsOf(charge);
        return counts.TryGetValue(charge.Subject.Value, out var own) || (counts.Count >= maxSubjects && counts.TryGetValue(SharedName(charge), out own))
            ? own
            : LocalCount.For(charge.Policy.Kind);
    }

    private void Keep(LimitCharge charge, LocalCount count, TimeSpan now)
    {
        var counts = CountsOf(charge);
        if (counts.Count >= maxSubjects) Sweep(charge.Policy, counts, now);
        CollectionsMarshal.GetValueRefOrAddDefault(counts, counts.Count < maxSubjects || counts.ContainsKey(charge.Subject.Value) ? charge.Subject.Value : SharedName(charge), out _) ??= count;
    }

    private void Sweep(LimitPolicy policy, Dictionary<string, LocalCount> counts, TimeSpan now)
    {
        if (now - _sweptAt < SweepInterval) return;
        _sweptAt = now;
        foreach (var (subject, count) in counts)
            if (count.IsEmpty(policy, now)) counts.Remove(subject);
    }

    private Dictionary<string, LocalCount> CountsOf(LimitCharge charge) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_policies, charge.Policy.Name, out _) ??= [];

    // The subject is a hash or an id already, the same on each call.
    private static string SharedName(LimitCharge charge) => $"shared {(uint)charge.Subject.Value.GetHashCode(StringComparison.Ordinal) % SharedCounts}";
}

/// <summary>What a node has charged by itself.</summary>
public sealed class LocalTake
{
    private readonly LocalLimiter _owner;
    private readonly string _name;
    private readonly List<(LimitCharge Charge, LocalCount Count)> _parts;

    internal LocalTake(LocalLimiter owner, string name, List<(LimitCharge, LocalCount)> parts) => (_owner, _name, _parts) = (owner, name, parts);

    /// <summary>The store has charged it too, by now.</summary>
    internal void Confirm()
    {
        lock (_owner.Gate)
            foreach (var (charge, count) in _parts) count.Confirm(charge.Policy, _name, _owner.Now);
    }

    internal void Undo()
    {
        lock (_owner.Gate)
            foreach (var (charge, count) in _parts) count.Undo(charge, _name);
    }
}
