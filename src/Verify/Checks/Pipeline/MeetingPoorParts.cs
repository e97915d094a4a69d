using System.Text.Json;

namespace Throughline.Verify.Checks.Pipeline;

/// <summary>Check 5, with a model that invents and tools that get no time: what does not hold up is not sent, and what is missing is said.</summary>
internal sealed class MeetingPoorParts : CheckPart
{
    private static readonly Assertion Rejects = new("pipeline.gate.rejects", "A poor draft is refused by the gate, asked for once more, and then replaced; the score is in the result") { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(10) };
    private static readonly Assertion Cancelled = new("pipeline.cancel.running", "A run that is at work ends within half a second of being cancelled, and no event of it comes after", 500) { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Degraded = new("pipeline.degraded", "Where a tool does not come to its end the answer is given without it, says so, and is 'partial'") { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(20) };

    private const string TooSlow = "this machine is too slow for the tools of the second stack";
    private const int FirstRows = 60_000;
    private const int MostRows = 16 * FirstRows;

    public override StackRole Stack => StackRole.Second;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Rejects, Cancelled, Degraded];

    private static async Task<(string Question, string Text, JsonElement Result)> AskAsync(Asker asker, CancellationToken cancellationToken)
    {
        var question = $"What did we spend in total, by model? {Guid.NewGuid():N}";
        var started = await asker.AskAsync(question, cancellationToken);
        await Asking.EndAsync(asker.Socket, started.RunId, cancellationToken);
        var events = asker.Socket.EventsOf(started.ThreadId);
        return (question, RunEvents.TextOf(events), RunEvents.ResultOf(events));
    }

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.OwnStack) is not null || system.Model is not { } model) return; // excluded
        await using var asker = await Asker.NewAsync(system, "poor-draft", 91, cancellationToken, rows: 40);
        await run.ShowAsync(Rejects, async (probe, stop) =>
        {
            var (question, text, result) = await AskAsync(asker, stop);
            // Tools have little time here. Where none came to its end there was nothing to phrase: once more, with what it has read by then.
            for (var again = 0; again < 3 && !result.Items("figures").Any(); again++) (question, text, result) = await AskAsync(asker, stop);
            if (!result.Items("figures").Any()) throw new NotJudged(TooSlow);
            probe.Equal("how often the model was asked", 2, model.Asked.Count(body => body.Contains(question[^32..], StringComparison.Ordinal)));
            probe.That(!text.Contains(ScriptedModel.Invented, StringComparison.Ordinal), "the invented figure was sent");
            probe.That(result.Member("quality").Member("score").GetDouble() > 0, "the result has no score");
            // On a slow machine a tool may not come to its end here, which is what the next assertion is about.
            if (result.Text("status") == "completed") asker.Usage.RequireFigures(probe, result);
        }, cancellationToken);
        await run.ShowAsync(Cancelled, (probe, stop) => CancelAsync(run, asker, model, probe, stop), cancellationToken);
        await run.ShowAsync(Degraded, async (probe, stop) =>
        {
            // Tools have a tenth of a second on this stack. How many rows take longer depends on the machine: four times as many, where they did not.
            for (var rows = FirstRows; ; rows *= 4)
            {
                await using var heavy = await Asker.NewAsync(system, $"heavy-{rows}", 92, stop, rows, users: rows);
                var started = await heavy.AskAsync(Asking.FullReport, stop);
                var end = await Asking.EndAsync(heavy.Socket, started.RunId, stop);
                probe.Equal("the run's end", "RUN_FINISHED", ProbeSocket.EventTypeOf(end));
                var status = end.Member("event").Member("result").Text("status");
                if (status == "completed" && rows < MostRows) continue;
                probe.Equal("the run's status", "partial", status);
                var text = RunEvents.TextOf(heavy.Socket.EventsOf(started.ThreadId));
                probe.That(text.Contains("artial", StringComparison.Ordinal), "the answer does not say that it is partial");
                return;
            }
        }, cancellationToken);
    }

    /// <summary>The model takes its time: so the run is at work when it is cancelled.</summary>
    private static async Task CancelAsync(CheckRun run, Asker asker, ScriptedModel model, Probe probe, CancellationToken cancellationToken)
    {
        for (var again = 0; again < 4; again++)
        {
            var mark = $"{ScriptedModel.Thinking} {Guid.NewGuid():N}";
            var started = await asker.AskAsync($"What did we spend in total, by model? {mark}", cancellationToken);
            var ended = Asking.EndAsync(asker.Socket, started.RunId, cancellationToken);
            await Waiting.UntilAsync(run.Time, () => Task.FromResult(ended.IsCompleted || model.Asked.Any(body => body.Contains(mark, StringComparison.Ordinal))), cancellationToken);
            if (ended.IsCompleted) continue; // no tool came to its end, so there was nothing to phrase
            var asked = run.Time.GetTimestamp();
            var end = await Asking.CancelAsync(probe, asker.Socket, started, cancellationToken);
            probe.Measure(run.Time.GetElapsedTime(asked).TotalMilliseconds, Cancelled.LimitMs!.Value, "ms");
            await Asking.RequireNothingAfterAsync(probe, asker.Socket, started, end, cancellationToken);
            return;
        }

        throw new NotJudged(TooSlow);
    }
}
