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

    public int Seed { get; init; }
}

/// <summary>Hears how it goes.</summary>
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

    /// <summary>Name, family, sentence and expected cause of each fault and control.</summary>
    public static IReadOnlyList<(string Name, string Family, string Sentence, string? Expected)> List() =>
        [.. Catalogue.All().Select(f => (f.Name, f.Family, f.Sentence, f.Expected))];

    /// <summary>Undoes what a run left that was ended by force.</summary>
    /// <returns>How much that was.</returns>
    public static int Replay(string home)
    {
        var journal = UndoJournal.Open(home);
        var count = journal.Count;
        journal.UndoAll();
        return count;
    }

    public static async Task<ProveResult> RunAsync(ProveOptions options, IProveProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var time = options.Verify.Time;
        var (startedAt, load) = (time.GetUtcNow(), MachineNote.Load());
        var journal = UndoJournal.Open(options.Home);
        journal.UndoAll();
        var faults = Choose(options);
        var results = new List<FaultResult>();
        var baselines = new List<BaselineResult>();
        var unsteady = new HashSet<string>();
        try
        {
            foreach (var group in faults.GroupBy(f => f.NeedsSharedSecret))
                await new ProveRun(options.Verify, journal, group.Key, [.. group], progress, results, baselines, unsteady).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: what there is, is told.
        }
        catch (BaselineException e) when (results.Count > 0)
        {
            // The same where a later stack is not well to begin with.
            progress.Phase(e.Message);
        }
        finally
        {
            journal.UndoAll();
        }

        return new ProveResult(
            startedAt, time.GetUtcNow(), baselines, results, new MachineNote(Environment.ProcessorCount, RuntimeInformation.OSDescription, load, MachineNote.Load()), options.Verify.Slack,
            options is { Names.Count: 0, Pairs: 0, Scenario: null } && results.Count == faults.Count, [.. unsteady.Order()], faults.Count);
    }

    /// <exception cref="UnknownFaultException">There is none of that name.</exception>
    private static IReadOnlyList<Fault> Choose(ProveOptions options)
    {
        if (options.Scenario is { } scenario) return scenario == ThreeBugs ? [Catalogue.ThreeBugs()] : throw new UnknownFaultException(scenario);
        var all = Catalogue.All();
        if (options.Pairs > 0) return Pairs(all, options.Pairs, options.Seed);
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
        return [.. pairs.Take(count).Select(p => (Fault)new FaultPair(p.one, p.other))];
    }
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
