using System.Globalization;

namespace Throughline.Verify;

public enum StreamState
{
    /// <summary>Every step that it needs works.</summary>
    Protected,

    /// <summary>A step that it needs is broken or blocked.</summary>
    AtRisk,

    /// <summary>A step that it needs was not judged.</summary>
    Unverified,
}

/// <param name="Causes">Ids of the causes that must all be mended for it.</param>
/// <param name="Needs">The steps of the path that it needs, in order.</param>
public sealed record StreamExposure(string Id, string Name, decimal Monthly, StreamState State, IReadOnlyList<string> Causes, string? Owner = null, IReadOnlyList<string>? Needs = null);

/// <summary>What mending one cause gives back.</summary>
/// <param name="Exclusive">Returns if this alone is mended.</param>
/// <param name="Shared">Returns if this and others are mended.</param>
public sealed record CauseShare(string Cause, decimal Exclusive, decimal Shared);

/// <summary>The money that the state of the path exposes. "Exposed", not "lost": nobody knows who was there.</summary>
/// <param name="Causes">The fixes, most money first.</param>
/// <param name="Exclusive">Sum of the streams that need one cause mended; with <paramref name="Shared"/> it is what is at risk.</param>
public sealed record Exposure(
    string Currency, string Owner, DateOnly Reviewed, bool IsStale, decimal Total, decimal Protected, decimal AtRisk, decimal Unverified,
    decimal Exclusive, decimal Shared, IReadOnlyList<StreamExposure> Streams, IReadOnlyList<CauseShare> Causes)
{
    /// <summary>A failure that no cause explains is one all the same.</summary>
    public const string NoCause = "unexplained";

    public static Exposure Of(ProofGraph graph, IReadOnlyList<StepStatus> steps, IReadOnlyList<Cause> causes, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var states = steps.ToDictionary(s => s.Id);
        var behind = BehindEachStep(graph, states, causes);
        var streams = graph.Revenue.Streams.Select(stream =>
        {
            var needed = graph.Steps.Where(s => Closure(graph, stream.Needs).Contains(s.Id)).Select(s => states[s.Id]).ToList();
            var state = StateOf(needed);
            List<string> mustMend = [.. needed.SelectMany(s => behind[s.Id]).Distinct()];
            if (state == StreamState.AtRisk && mustMend.Count == 0) mustMend.Add(NoCause);
            return new StreamExposure(
                stream.Id, stream.Name, decimal.Parse(stream.Monthly, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), state, mustMend, stream.Owner, [.. needed.Select(s => s.Id)]);
        }).ToList();

        var atRisk = streams.Where(s => s.State == StreamState.AtRisk).ToList();
        var shares = causes.Select(c => c.Id).Append(NoCause).Distinct()
            .Select(id => new CauseShare(
                id, atRisk.Where(s => s.Causes is [var only] && only == id).Sum(s => s.Monthly),
                atRisk.Where(s => s.Causes.Count > 1 && s.Causes.Contains(id)).Sum(s => s.Monthly)))
            .Where(s => s.Cause != NoCause || s.Exclusive + s.Shared > 0)
            .OrderByDescending(s => s.Exclusive).ThenByDescending(s => s.Shared).ToList();
        return new Exposure(
            graph.Revenue.Currency, graph.Revenue.Owner, graph.Revenue.Reviewed, today.DayNumber - graph.Revenue.Reviewed.DayNumber > RevenueFile.StaleAfterDays,
            streams.Sum(s => s.Monthly), Sum(StreamState.Protected), Sum(StreamState.AtRisk), Sum(StreamState.Unverified),
            atRisk.Where(s => s.Causes.Count == 1).Sum(s => s.Monthly), atRisk.Where(s => s.Causes.Count > 1).Sum(s => s.Monthly), streams, shares);

        decimal Sum(StreamState state) => streams.Where(s => s.State == state).Sum(s => s.Monthly);
    }

    private static StreamState StateOf(List<StepStatus> needed) =>
        needed.Any(s => s.State is StepState.Broken or StepState.Blocked) ? StreamState.AtRisk
        : needed.Any(s => s.State is StepState.Unknown or StepState.Excluded) ? StreamState.Unverified
        : StreamState.Protected;

    /// <summary>The causes that must be mended before a step works by itself.</summary>
    private static Dictionary<string, List<string>> BehindEachStep(ProofGraph graph, Dictionary<string, StepStatus> states, IReadOnlyList<Cause> causes) =>
        graph.Steps.ToDictionary(s => s.Id, s =>
        {
            var state = states[s.Id];
            // What a blocked step waits for may be an assertion that covers another step; the causes that explain it count.
            if (state.State is not (StepState.Broken or StepState.Blocked)) return [];
            var own = causes.Where(c => c.Explains.Intersect(state.By).Any()).Select(c => c.Id).ToList();
            var unexplained = state.State == StepState.Broken && state.By.Any(id => !causes.Any(c => c.Explains.Contains(id)));
            if (unexplained) own.Add(NoCause);
            return own;
        });

    private static HashSet<string> Closure(ProofGraph graph, IEnumerable<string> steps)
    {
        var needs = graph.Steps.ToDictionary(s => s.Id, s => s.Needs);
        var all = new HashSet<string>();
        var open = new Stack<string>(steps);
        while (open.TryPop(out var step))
            if (all.Add(step))
                foreach (var need in needs[step]) open.Push(need);
        return all;
    }
}
