using System.Reflection;
using System.Runtime.InteropServices;
using Throughline.Verify.Looks;
using Throughline.Verify.Reports;
using Throughline.Verify.Rules;

namespace Throughline.Verify;

/// <summary>Hears what happens while a run goes on; called from many threads.</summary>
public interface IVerifyProgress
{
    /// <summary>Something begins, in words.</summary>
    void Phase(string what);

    void Found(Finding finding);
}

/// <summary>One run: starts what it needs, runs the checks, judges, and leaves nothing behind.</summary>
public static class Verification
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AllWithin = TimeSpan.FromMinutes(4);

    public static async Task<VerifyResult> RunAsync(VerifyOptions options, IVerifyProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var time = options.Time;
        var (startedAt, load) = (time.GetUtcNow(), MachineNote.Load());
        var parts = CheckList.All();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AllWithin * options.Slack);
        IReadOnlyList<Finding> findings = [];
        IReadOnlyList<Finding> looks = [];
        IReadOnlyList<string> left = [];
        string? startFailure = null;
        var startMs = 0.0;
        await using (var workshop = new Workshop(options))
        {
            var main = MainAsync(options, workshop, progress, limit.Token);
            Task<SystemUnderTest> second = main;
            try
            {
                await main;
                startMs = (time.GetUtcNow() - startedAt).TotalMilliseconds;
            }
            catch (Exception e) when (e is Refutation or OperationCanceledException or GraphException)
            {
                startFailure = cancellationToken.IsCancellationRequested ? "The run was stopped before the stack was ready." : e is OperationCanceledException ? $"The stack was not ready within {ReadyWithin.TotalSeconds:0} s." : e.Message;
                if (workshop.LastStart is { } start) findings = [StartRules.FindingOf(start, startFailure)];
            }

            if (startFailure is null)
            {
                await using var watch = (await main).StateRoot is { } state ? new ProcessWatch(state, time) : null;
                findings = await new Runner(options, parts, workshop, progress.Found).RunAsync(main, () => second = options.HasTarget || !NeedsSecond(options, parts) ? main : workshop.StartSecondAsync(limit.Token), limit.Token);
                if (findings.Any(f => f.Verdict == Verdict.Failed)) progress.Phase("looking for the cause");
                looks = await Looking.LookAsync(await main, findings, watch, options.Slack, cancellationToken); // each look has a limit of its own, and whatever took so long is to be explained
                left = await CleanUpAsync(main, second, progress);
            }
        }

        return Conclude(options, startedAt, startMs, load, findings, startFailure, left, looks);
    }

    /// <summary>The verdict on a start that did not come about.</summary>
    internal static VerifyResult NotStarted(VerifyOptions options, CommandRun start)
    {
        var finding = StartRules.FindingOf(start);
        return Conclude(options, start.At, start.ElapsedMs, MachineNote.Load(), [finding], finding.Reason, [], []);
    }

    private static async Task<SystemUnderTest> MainAsync(VerifyOptions options, Workshop workshop, IVerifyProgress progress, CancellationToken cancellationToken)
    {
        if (options.HasTarget) return new SystemUnderTest(options, options.StateRoot, options.Origin, options.IsThrowAway, options.TargetSettings);
        progress.Phase("starting a throw-away stack");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyWithin * options.Slack);
        return await workshop.StartMainAsync(limit.Token);
    }

    private static bool NeedsSecond(VerifyOptions options, IReadOnlyList<CheckPart> parts) =>
        parts.Any(p => p.Stack == StackRole.Second && p.Assertions.Any(options.IsWanted));

    private static async Task<IReadOnlyList<string>> CleanUpAsync(Task<SystemUnderTest> main, Task<SystemUnderTest> second, IVerifyProgress progress)
    {
        progress.Phase("cleaning up");
        foreach (var system in new[] { main, second }.Distinct().Where(s => s.IsCompletedSuccessfully)) await (await system).DisposeAsync();
        return (await main).Members.Left;
    }

    private static VerifyResult Conclude(
        VerifyOptions options, DateTimeOffset startedAt, double startMs, double? load, IReadOnlyList<Finding> findings, string? startFailure, IReadOnlyList<string> left, IReadOnlyList<Finding> looks)
    {
        var nothing = Exposure.Of(options.Graph, StepStatuses.Of(options.Graph, []), [], options.Graph.Revenue.Reviewed);
        var draft = new VerifyResult(
            Guid.CreateVersion7(), Version, options.Origin?.AbsoluteUri ?? options.StateRoot ?? "a throw-away stack", startedAt, options.Time.GetUtcNow(), Math.Round(startMs), null, 0,
            [], [], [], nothing, findings, new MachineNote(Environment.ProcessorCount, RuntimeInformation.OSDescription, load, MachineNote.Load()), options.Slack, startFailure, left, looks);
        return Judge(draft, options.Graph, options.Diagnosis);
    }

    /// <summary>Everything that follows from the findings.</summary>
    internal static VerifyResult Judge(VerifyResult draft, ProofGraph graph, IDiagnosis diagnosis)
    {
        var steps = StepStatuses.Of(graph, draft.Findings);
        var causes = WithWords(diagnosis.Explain(graph, [.. draft.Findings, .. draft.Looks ?? []]), draft);
        var gates = graph.Steps.ToDictionary(s => s.Id, s => s.Gate is [var first, ..] ? first : null);
        bool? canChat = steps.Any(s => s.State is StepState.Broken or StepState.Blocked) || draft.StartFailure is not null ? false
            : steps.All(s => s.State == StepState.Working) ? true
            : null;
        return draft with
        {
            CanChat = canChat,
            ExitCode = draft.StartFailure is not null ? VerifyExit.NotStarted : VerifyExit.Of(draft.Findings),
            Checks = [.. graph.Checks.Select(c => OutcomeOf(c, draft.Findings))],
            Steps = [.. steps.Select(s => s with { ElapsedMs = draft.Findings.FirstOrDefault(f => f.Id == gates[s.Id])?.ElapsedMs })],
            Causes = causes,
            Money = Exposure.Of(graph, steps, causes, DateOnly.FromDateTime(draft.EndedAt.UtcDateTime)),
        };
    }

    private static IReadOnlyList<Cause> WithWords(IReadOnlyList<Cause> causes, VerifyResult draft)
    {
        var evidence = draft.Findings.Concat(draft.Looks ?? []).GroupBy(f => f.Id).ToDictionary(g => g.Key, g => g.First().Evidence);
        return [.. causes.Select(cause => cause with
        {
            Chain = [.. cause.Chain.Select(arrow => evidence.TryGetValue(arrow.Probe, out var items) && arrow.Evidence < items.Count ? arrow with { Seen = EvidenceText.Of(items[arrow.Evidence]) } : arrow)],
        })];
    }

    private static CheckOutcome OutcomeOf(DeclaredCheck check, IReadOnlyList<Finding> findings)
    {
        var own = findings.Where(f => f.Check == check.Id).ToList();
        int Count(Verdict verdict) => own.Count(f => f.Verdict == verdict);
        var state = Count(Verdict.Failed) > 0 ? StepState.Broken
            : Count(Verdict.Blocked) > 0 ? StepState.Blocked
            : Count(Verdict.Unknown) + Count(Verdict.Crashed) > 0 ? StepState.Unknown
            : Count(Verdict.Passed) > 0 ? StepState.Working : StepState.Excluded;
        var ran = own.Where(f => f.StartedAt is not null).ToList();
        var elapsed = ran.Count == 0 ? 0 : (ran.Max(f => f.EndedAt!.Value) - ran.Min(f => f.StartedAt!.Value)).TotalMilliseconds;
        return new CheckOutcome(
            check.Number, check.Id, check.Name, state, Count(Verdict.Passed), Count(Verdict.Failed), Count(Verdict.Blocked), Count(Verdict.Unknown), Count(Verdict.Excluded),
            Count(Verdict.Crashed), Math.Round(elapsed), own.Where(f => f.Verdict == Verdict.Failed).OrderBy(f => f.EndedAt).FirstOrDefault()?.Id);
    }

    private static string Version { get; } =
        typeof(Verification).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
