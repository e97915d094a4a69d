using System.Text.Json;

namespace Throughline.Verify.Checks.Pipeline;

/// <summary>Check 5: how long the stages of a full report take, by the server's stamps, and when its events come.</summary>
internal sealed class TimingAnswers : CheckPart
{
    private const int Samples = 4;

    private static readonly Assertion Stamped = new("pipeline.stamped", "The server stamps how long each stage took") { Deadline = TimeSpan.FromSeconds(30) };
    private static readonly Assertion Route = new("pipeline.route", "Triage takes less than 100 ms", 100);
    private static readonly Assertion Select = new("pipeline.select", "The first agent is at work within 200 ms", 200);
    private static readonly Assertion Gate = new("pipeline.gate", "The quality gate takes less than 500 ms", 500);
    private static readonly Assertion First = new("pipeline.first_event", "The first event comes within a second of the question", 1000);
    private static readonly Assertion Whole = new("pipeline.total_complex", "The full report takes less than 8 seconds", 8000);

    public override IReadOnlyList<Assertion> Assertions { get; } = [Stamped, Route, Select, Gate, First, Whole];

    public override bool MeasuresAlone => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        await using var asker = await Asker.NewAsync(run.System, "timed", 23, cancellationToken);
        var samples = new List<Sample>();
        await run.MustAsync(Stamped, async (probe, stop) =>
        {
            for (var i = 0; i < Samples; i++) samples.Add(await AskAsync(run, asker, probe, stop));
        }, cancellationToken);
        await MeasureAsync(Route, s => s.Triage);
        await MeasureAsync(Select, s => s.Selected);
        await MeasureAsync(Gate, s => s.Gate);
        await MeasureAsync(First, s => s.First);
        await MeasureAsync(Whole, s => s.Whole);

        Task MeasureAsync(Assertion assertion, Func<Sample, double> valueOf) => run.ShowAsync(assertion, (probe, _) =>
        {
            probe.MeasureP95([.. samples.Select(valueOf)]);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task<Sample> AskAsync(CheckRun run, Asker asker, Probe probe, CancellationToken cancellationToken)
    {
        var asked = run.Time.GetTimestamp();
        var started = await asker.AskAsync(Asking.FullReport, cancellationToken);
        await Asking.EndAsync(asker.Socket, started.RunId, cancellationToken);
        var read = (await asker.Member.GetAsync($"/api/runs/{started.RunId}", cancellationToken)).Expect(200).Json;
        var stages = read.Items("stages").ToDictionary(s => s.Text("name"), s => s.Member("elapsedMs").GetDouble());
        foreach (var stage in (string[])["triage", "report", "quality_gate"]) probe.That(stages.ContainsKey(stage), $"the run tells no stage {stage}");
        probe.That(read.Items("stages").All(s => s.Find("startedAt") is not null), "a stage has no start");
        var agent = asker.Socket.EventsOf(started.ThreadId).FirstOrDefault(e => ProbeSocket.EventTypeOf(e) == "SUBAGENT_STARTED");
        probe.That(agent.ValueKind == JsonValueKind.Object, "no agent started");
        return new Sample(
            stages["triage"], agent.Member("event").Member("metadata").Member("throughline").Member("elapsedMs").GetDouble(), stages["quality_gate"],
            CameAfter(f => true), CameAfter(f => ProbeSocket.EventTypeOf(f) == "RUN_FINISHED"));

        double CameAfter(Func<JsonElement, bool> isWanted) =>
            asker.Socket.CameAfter(f => ProbeSocket.RunOf(f) == started.RunId && isWanted(f), asked)?.TotalMilliseconds ?? throw new Refutation("the event did not come");
    }

    /// <summary>Milliseconds: of the stage, or from the question on.</summary>
    private sealed record Sample(double Triage, double Selected, double Gate, double First, double Whole);
}
