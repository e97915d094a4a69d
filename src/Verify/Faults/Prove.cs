using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Throughline.Verify.Faults;

/// <summary>Which faults, and with what.</summary>
/// <param name="Home">Where the undo journal is.</param>
public sealed record ProveOptions(VerifyOptions Verify, string Home)
{
    /// <summary>Faults or families; empty: all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public string? Scenario { get; init; }

    /// <summary>How many pairs of faults are drawn instead, with frightening log lines beside them.</summary>
    public int Pairs { get; init; }

    /// <summary>How many controls are drawn instead: harmless changes, of which none may fail anything.</summary>
    public int Controls { get; init; }

    public int Seed { get; init; }

    /// <summary>How many stacks are broken side by side, at the most. One leaves more than half of two processors idle.</summary>
    public int Stacks { get; init; } = UsualStacks;

    /// <summary>One for each processor, up to four.</summary>
    public static int UsualStacks => Math.Min(Environment.ProcessorCount, 4);
}

/// <summary>Hears how it goes; called from many threads.</summary>
public interface IProveProgress
{
    void Phase(string what);

    void Done(FaultResult result);
}

/// <summary>
/// Breaks throw-away stacks, one fault at a time, and looks whether verify sees it, and names it: green → broken → the oracle agrees →
/// verify → fix → put back → the oracle agrees → green.
/// </summary>
public static class Prove
{
    public const string ThreeBugs = "three-bugs";

    /// <summary>Faults for which another stack pays back its start and its first round of checks.</summary>
    private const int WorthAStack = 5;

    /// <summary>Name, family, sentence and expected cause of each fault and control.</summary>
    public static IReadOnlyList<(string Name, string Family, string Sentence, string? Expected)> List() =>
        [.. Catalogue.All().Select(f => (f.Name, f.Family, f.Sentence, f.Expected))];

    /// <summary>Undoes what a run left that was ended by force.</summary>
    /// <returns>How much that was.</returns>
    public static int Replay(string home) => UndoJournal.Replay(home);

    public static async Task<ProveResult> RunAsync(ProveOptions options, IProveProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var time = options.Verify.Time;
        var (startedAt, load) = (time.GetUtcNow(), MachineNote.Load());
        UndoJournal.Replay(options.Home);
        var faults = Choose(options);
        var stacks = Math.Clamp(faults.Count / WorthAStack, 1, options.Stacks);
        var tally = new ProveTally(faults);
        try
        {
            await RunAsync(options, faults, stacks, tally, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: what there is, is told.
        }
        catch (BaselineException e) when (tally.Results.Count > 0)
        {
            // The same where a later stack is not well to begin with.
            progress.Phase(e.Message);
        }

        return new ProveResult(
            startedAt, time.GetUtcNow(), tally.Baselines, tally.Results, new MachineNote(Environment.ProcessorCount, RuntimeInformation.OSDescription, load, MachineNote.Load()), options.Verify.Slack,
            options is { Names.Count: 0, Pairs: 0, Controls: 0, Scenario: null } && tally.Results.Count == faults.Count, tally.NotJudged, faults.Count)
        {
            Stacks = stacks,
        };
    }

    /// <summary>Some stacks share the faults, then one tries those that need the machine for themselves.</summary>
    private static async Task RunAsync(ProveOptions options, IReadOnlyList<Fault> faults, int stacks, ProveTally tally, IProveProgress progress, CancellationToken cancellationToken)
    {
        // Those that need another kind of stack in one piece: each change costs a start.
        var shared = new ConcurrentQueue<Fault>(faults.Where(f => !f.IsAlone).OrderByDescending(f => f.NeedsSharedSecret));
        await using var first = new ProveRun(1, options, tally, progress);
        await Task.WhenAll([first.RunAsync(shared, cancellationToken), .. Enumerable.Range(2, stacks - 1).Select(async number =>
        {
            await using var other = new ProveRun(number, options, tally, progress);
            await other.RunAsync(shared, cancellationToken);
        })]);
        await first.RunAsync(new ConcurrentQueue<Fault>(faults.Where(f => f.IsAlone)), cancellationToken);
    }

    /// <exception cref="UnknownFaultException">There is none of that name.</exception>
    private static IReadOnlyList<Fault> Choose(ProveOptions options)
    {
        if (options.Scenario is { } scenario) return scenario == ThreeBugs ? [Catalogue.ThreeBugs()] : throw new UnknownFaultException(scenario);
        var all = Catalogue.All();
        if (options.Pairs > 0) return Pairs(all, options.Pairs, options.Seed);
        if (options.Controls > 0) return Controls.Drawn(options.Controls, options.Seed);
        if (options.Names.Count == 0) return all;
        return [.. options.Names.SelectMany(name => all.Where(f => f.Name == name || f.Family == name) is var found && found.Any() ? found : throw new UnknownFaultException(name)).Distinct()];
    }

    /// <summary>The same for the same seed.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5394", Justification = "A seed shall give the same pairs again.")]
    private static List<Fault> Pairs(IReadOnlyList<Fault> all, int count, int seed)
    {
        var random = new Random(seed);
        var able = all.Where(f => f is { Resource: not null, IsControl: false }).ToList();
        var pairs = (from one in able from other in able where string.CompareOrdinal(one.Name, other.Name) < 0 && one.Resource != other.Resource select (one, other)).ToArray();
        random.Shuffle(pairs);
        // Each pair its own: a fault remembers what it has put in place, and pairs may be tried side by side.
        return [.. pairs.Take(count).Select(p => (Fault)new FaultPair(Named(p.one.Name), Named(p.other.Name)))];
    }

    private static Fault Named(string name) => Catalogue.All().Single(f => f.Name == name);
}

public sealed class UnknownFaultException(string name) : Exception($"There is no fault '{name}'.");

/// <summary>Two faults at once, and frightening log lines that mean nothing.</summary>
internal sealed class FaultPair : Fault
{
    private readonly Fault _one;
    private readonly Fault _other;

    public FaultPair(Fault one, Fault other)
        : base($"{one.Name}+{other.Name}", "pair", $"{one.Sentence}; and: {other.Sentence}")
    {
        (_one, _other) = (one, other);
        Expected = $"{one.Expected} + {other.Expected}";
        Checks = [.. one.Checks.Union(other.Checks).Order()];
    }

    public override async Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        Controls.ScareIn(rig, "auth");
        // Settings need their service to start again, which a stopped neighbour might hinder.
        foreach (var fault in new[] { _one, _other }.OrderBy(f => f is SettingFault ? 0 : f is StoppedProcess ? 2 : 1)) await fault.InjectAsync(rig, cancellationToken);
    }

    public override async Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) =>
        await _one.IsThereAsync(rig, cancellationToken) && await _other.IsThereAsync(rig, cancellationToken);
}
