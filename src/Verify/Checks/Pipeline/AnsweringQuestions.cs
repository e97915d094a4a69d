using System.Text.Json;
using System.Text.RegularExpressions;

namespace Throughline.Verify.Checks.Pipeline;

/// <summary>Check 5: the right agents, in order, and figures that lead to their source.</summary>
internal sealed partial class AnsweringQuestions : CheckPart
{
    private static readonly (string Id, string Category, string Question)[] Categories =
    [
        ("workload", "workload analysis", "How many tokens do we use?"),
        ("cost", "cost", "What did we spend in total?"),
        ("performance", "performance", "How is our latency, at p95?"),
        ("quality", "quality", "How is the data quality?"),
        ("model_selection", "model selection", "What would gpt-4o-mini have cost instead?"),
        ("supply", "supply catalogue", "What are the list prices of gpt-4o?"),
        ("monitoring", "monitoring and reporting", "Why did spend jump?"),
        ("configuration", "configuration", "Could we cache more of our prompts?"),
        ("general", "general", "hello"),
    ];

    private static readonly Assertion[] Routed = [.. Categories.Select(c => new Assertion($"pipeline.category.{c.Id}", $"A question of the category '{c.Category}' is taken for one, and answered") { Deadline = TimeSpan.FromSeconds(8) })];
    private static readonly Assertion Trace = new("pipeline.trace", "A run tells triage, each agent, its tools, the quality gate, the answer, its end, in this order and without a gap; what starts ends", 8000);
    private static readonly Assertion Total = new("pipeline.total", "A plain answer takes less than 5 seconds", 5000);
    private static readonly Assertion Simple = new("pipeline.agents", "A simple question does not run all agents, a full report runs more");
    private static readonly Assertion Traceable = new("pipeline.figures.traceable", "Every number in the answer is a figure with a fact of this run and a tool call of this run");
    private static readonly Assertion Score = new("pipeline.score", "The answer's quality, gate by gate, is in its result");
    private static readonly Assertion Exact = new("pipeline.figures.exact", "An independent calculation agrees with the figures");

    private static readonly Assertion Model = new("pipeline.model", "The language model, where one is set, answers: its breaker is closed");

    private static readonly Assertion Repeat = new("pipeline.repeat", "A question that is sent again with its id is answered once, and another question with that id is refused");
    private static readonly Assertion Approval = new("pipeline.approval", "What changes something is done after its owner's approval, and not before") { Deadline = TimeSpan.FromSeconds(10) };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Trace, Score, Traceable, Exact, .. Routed, Total, Simple, Model, Repeat, Approval];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        await using var asker = await Asker.NewAsync(run.System, "pipeline", 21, cancellationToken);
        var events = await run.MustAsync(Trace, async (probe, stop) =>
        {
            var started = await asker.AskAsync(Asking.FullReport, stop);
            await Asking.EndAsync(asker.Socket, started.RunId, stop);
            var all = asker.Socket.EventsOf(started.ThreadId);
            Asking.RequireOrder(probe, all, started);
            RunShape.Require(probe, all);
            return new RunOf(started, all);
        }, cancellationToken);
        await run.ShowAsync(Score, (probe, _) =>
        {
            var quality = RunEvents.ResultOf(events.Events).Member("quality");
            probe.That(quality.Member("score").GetDouble() is > 0 and <= 1, $"the score is {quality.Member("score")}");
            probe.That(quality.Items("gates").Any(), "no gate is named");
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Traceable, (probe, stop) => TraceableAsync(asker, events, probe, stop), cancellationToken);
        await ShowCategoriesAsync(run, asker, events, cancellationToken);
        // After all these questions: without it they are answered in plainer words, so nothing else would tell.
        await run.ShowAsync(Model, async (probe, stop) =>
        {
            var breaker = (await asker.Member.GetAsync("/api/breakers", stop)).Expect(200).Json.Items().FirstOrDefault(b => b.FindText("dependency") == "model");
            probe.That(breaker.ValueKind == JsonValueKind.Object, "/api/breakers has no breaker of the model");
            probe.Equal("the state of its breaker", "closed", breaker.Text("state"));
        }, cancellationToken);
        var member = await run.System.Members.SignUpAsync("approves", cancellationToken);
        await using var socket = await member.ConnectAsync(cancellationToken);
        await run.ShowAsync(Repeat, (probe, stop) => RepeatAsync(member, socket, probe, stop), cancellationToken);
        await run.ShowAsync(Approval, (probe, stop) => ApprovalAsync(member, socket, probe, stop), cancellationToken);
    }

    private static async Task RepeatAsync(Member member, ProbeSocket socket, Probe probe, CancellationToken cancellationToken)
    {
        var question = Asking.Start("hello", $"repeat-{Guid.NewGuid():N}");
        var first = await socket.AskAsync(question.DeepClone().AsObject(), cancellationToken);
        await Asking.EndAsync(socket, first.Text("runId"), cancellationToken);
        await using var again = await member.ConnectAsync(cancellationToken); // an answer is found by its id, and here is no older one
        probe.Equal("the run of the question that was sent again", first.Text("runId"), (await again.AskAsync(question.DeepClone().AsObject(), cancellationToken)).FindText("runId"));
        probe.Equal("the runs of the thread", 1, (await member.GetAsync($"/api/threads/{first.Text("threadId")}/runs", cancellationToken)).Expect(200).Json.Items().Count());
        await using var other = await member.ConnectAsync(cancellationToken);
        var reused = await other.AskAsync(Asking.Start("hello again", first.Text("threadId"), id: question["id"]!.GetValue<string>()), cancellationToken);
        probe.Equal("the answer to another question with that id", "id_reused", reused.FindText("code") ?? ProbeSocket.TypeOf(reused));
    }

    private static async Task ApprovalAsync(Member member, ProbeSocket socket, Probe probe, CancellationToken cancellationToken)
    {
        var proposed = await Approving.ProposeAsync(probe, socket, "Set a budget of $431 a month", cancellationToken);
        probe.Equal("the budget before the approval", "none", await BudgetAsync());
        await Approving.ApproveAsync(probe, socket, proposed, cancellationToken);
        probe.Equal("the budget after the approval", "431", await BudgetAsync());

        async Task<string> BudgetAsync() =>
            (await member.GetAsync("/api/budgets", cancellationToken)).Expect(200).Json.Items().Select(budget => budget.Text("amount")).SingleOrDefault("none");
    }

    private static async Task ShowCategoriesAsync(CheckRun run, Asker first, RunOf complex, CancellationToken cancellationToken)
    {
        var system = run.System;
        var asker = first;
        var left = system.Lacks(Needs.Administrator) is null ? int.MaxValue : Asker.FreeMessages - 1;
        var (longest, fewest) = (0.0, int.MaxValue);
        for (var i = 0; i < Categories.Length; i++)
        {
            if (left-- == 0) (asker, left) = (await Asker.NewAsync(system, $"pipeline-{i}", 22 + i, cancellationToken), Asker.FreeMessages - 1);
            var (id, category, question) = Categories[i];
            await run.ShowAsync(Routed[i], async (probe, stop) =>
            {
                var began = run.Time.GetTimestamp();
                var started = await asker.AskAsync(question, stop);
                await Asking.EndAsync(asker.Socket, started.RunId, stop);
                longest = Math.Max(longest, run.Time.GetElapsedTime(began).TotalMilliseconds);
                var events = asker.Socket.EventsOf(started.ThreadId);
                var result = RunEvents.ResultOf(events);
                probe.Equal("the category", category, result.Text("category"));
                probe.Equal("the run's status", "completed", result.Text("status"));
                probe.That(RunEvents.TextOf(events).Length > 0, "the answer is empty");
                if (id is "cost" or "general") fewest = Math.Min(fewest, AgentsOf(events));
                if (id == "cost") await run.ShowAsync(Exact, (exact, _) =>
                {
                    asker.Usage.RequireTotal(exact, result);
                    return Task.CompletedTask;
                }, stop);
            }, cancellationToken);
        }

        if (asker != first) await asker.DisposeAsync();
        await run.ShowAsync(Total, (probe, _) =>
        {
            probe.Measure(longest, Total.LimitMs!.Value, "ms", Categories.Length);
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Simple, (probe, _) =>
        {
            probe.That(fewest < int.MaxValue, "no simple question was answered");
            probe.That(fewest < AgentsOf(complex.Events), $"a simple question ran {fewest} agents, the full report {AgentsOf(complex.Events)}");
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task TraceableAsync(Asker asker, RunOf run, Probe probe, CancellationToken cancellationToken)
    {
        var text = RunEvents.TextOf(run.Events);
        var calls = run.Events.Where(e => ProbeSocket.EventTypeOf(e) == "TOOL_CALL_RESULT").Select(e => e.Member("event").Text("toolCallId")).ToHashSet();
        var figures = RunEvents.ResultOf(run.Events).Items("figures").ToDictionary(f => f.Id("factId"));
        var links = FigureLink().Matches(text);
        probe.That(links.Count > 0, "the answer has no figure");
        foreach (Match link in links)
        {
            probe.That(Guid.TryParse(link.Groups[2].Value, out var id) && figures.ContainsKey(id), $"the figure {link.Groups[1].Value} is not in the result");
            if (figures[id].FindText("toolCallId") is { } call) probe.That(calls.Contains(call), $"the tool call of {link.Groups[1].Value} is none of this run");
        }

        probe.That(!Money().IsMatch(FigureLink().Replace(text, "")), $"a number stands outside a figure: {Money().Match(FigureLink().Replace(text, "")).Value}");
        foreach (var id in links.Select(l => Guid.Parse(l.Groups[2].Value)).Distinct().Take(6))
        {
            var fact = (await asker.Member.GetAsync($"/api/facts/{id}?recompute=true", cancellationToken)).Expect(200).Json;
            probe.Equal("the fact's run", run.Started.RunId, fact.Text("runId"));
            probe.Equal("the fact's value", figures[id].Text("value"), fact.Text("value"));
            probe.That(fact.Find("recomputes") is { ValueKind: JsonValueKind.True }, $"{fact.Text("text")} does not recompute");
        }
    }

    private static int AgentsOf(IReadOnlyList<JsonElement> events) => events.Count(e => ProbeSocket.EventTypeOf(e) == "SUBAGENT_STARTED");

    private sealed record RunOf(Started Started, IReadOnlyList<JsonElement> Events);

    [GeneratedRegex(@"\[([^\]]+)\]\(#f-([^)]+)\)")]
    private static partial Regex FigureLink();

    [GeneratedRegex(@"\$\s?\d|\d+(\.\d+)?\s?%")]
    private static partial Regex Money();
}
