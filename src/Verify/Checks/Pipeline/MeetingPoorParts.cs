namespace Throughline.Verify.Checks.Pipeline;

/// <summary>Check 5, with a model that invents and tools that get no time: what does not hold up is not sent, and what is missing is said.</summary>
internal sealed class MeetingPoorParts : CheckPart
{
    private static readonly Assertion Rejects = new("pipeline.gate.rejects", "A poor draft is refused by the gate, asked for once more, and then replaced; the score is in the result") { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(10) };
    private static readonly Assertion Degraded = new("pipeline.degraded", "Where a tool does not come to its end the answer is given without it, says so, and is 'partial'") { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(20) };

    public override StackRole Stack => StackRole.Second;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Rejects, Degraded];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.OwnStack) is not null || system.Model is not { } model) return; // excluded
        await using var asker = await Asker.NewAsync(system, "poor-draft", 91, cancellationToken, rows: 40);
        await run.ShowAsync(Rejects, async (probe, stop) =>
        {
            var question = $"What did we spend in total, by model? {Guid.NewGuid():N}";
            var started = await asker.AskAsync(question, stop);
            await Asking.EndAsync(asker.Socket, started.RunId, stop);
            var events = asker.Socket.EventsOf(started.ThreadId);
            var (text, result) = (RunEvents.TextOf(events), RunEvents.ResultOf(events));
            probe.That(model.Asked.Any(), "the model was never asked anything");
            probe.Equal("how often the model was asked", 2, model.Asked.Count(body => body.Contains(question[^32..], StringComparison.Ordinal)));
            probe.That(!text.Contains(ScriptedModel.Invented, StringComparison.Ordinal), "the invented figure was sent");
            probe.Equal("the run's status", "completed", result.Text("status"));
            probe.That(result.Member("quality").Member("score").GetDouble() > 0, "the result has no score");
            asker.Usage.RequireFigures(probe, result);
        }, cancellationToken);
        await run.ShowAsync(Degraded, async (probe, stop) =>
        {
            // Tools have a tenth of a second on this stack; this takes longer.
            await using var heavy = await Asker.NewAsync(system, "heavy", 92, stop, rows: 60_000, users: 60_000);
            var started = await heavy.AskAsync("Why did spend jump, and what should we change? Write it up, by model, by feature and by user.", stop);
            var end = await Asking.EndAsync(heavy.Socket, started.RunId, stop);
            probe.Equal("the run's end", "RUN_FINISHED", ProbeSocket.EventTypeOf(end));
            probe.Equal("the run's status", "partial", end.Member("event").Member("result").Text("status"));
            var text = RunEvents.TextOf(heavy.Socket.EventsOf(started.ThreadId));
            probe.That(text.Contains("artial", StringComparison.Ordinal), "the answer does not say that it is partial");
        }, cancellationToken);
    }
}
