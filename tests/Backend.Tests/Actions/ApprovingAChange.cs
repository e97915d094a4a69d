using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Backend.Tests.Files;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Actions;

public sealed class ApprovingAChangeOnSqlite(Services services) : ApprovingAChange(services), IClassFixture<Services>;

public sealed class ApprovingAChangeOnPostgres() : ApprovingAChange(new PostgresServices()), IAsyncLifetime
{
    public ValueTask InitializeAsync()
    {
        SuiteSize.RequireFull();
        return Services.InitializeAsync();
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}

/// <summary>What changes something waits for a person's yes, and happens once.</summary>
public abstract class ApprovingAChange(Services services)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected Services Services => services;

    [Fact]
    public async Task A_budget_is_set_by_the_approval_alone_and_once()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        await using var socket = await RawSocket.OpenAsync(services, alice, Stop);

        var interrupt = await socket.ProposeAsync("Set a budget of $500 a month", "thread", "ask", Stop);

        Assert.Equal("tool_call", interrupt.GetProperty("reason").GetString());
        Assert.Equal("Set a monthly budget of $500.00?", interrupt.GetProperty("message").GetString());
        Assert.Equal("boolean", interrupt.GetProperty("responseSchema").GetProperty("properties").GetProperty("approved").GetProperty("type").GetString());
        Assert.True(interrupt.GetProperty("expiresAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddHours(23));
        Assert.Equal(
            """{"action":"set_budget","changes":[{"what":"Monthly budget","after":"$500.00"}]}""", interrupt.GetProperty("metadata").GetProperty("throughline").GetRawText());
        var call = interrupt.GetProperty("toolCallId").GetString();
        var proposed = socket.EventsOf("thread").Single(e => RawSocket.EventType(e) == "TOOL_CALL_START" && e.GetProperty("event").GetProperty("toolCallId").GetString() == call);
        Assert.Equal("set_budget", proposed.GetProperty("event").GetProperty("toolCallName").GetString());
        Assert.Equal("interrupted", await alice.StatusAsync("ask", Stop));
        Assert.Empty(await alice.ListAsync("budgets", Stop));

        // A question has to wait, by AG-UI's rule; so has one that wants to take the place of what is there.
        foreach (var id in (string[])["q1", "q2"])
            Assert.Equal("interrupt_pending", (await socket.StartAsync(id, RawSocket.Input("What can you do?", "thread", id), Stop)).GetProperty("code").GetString());
        using var posted = await alice.Http.PostAsJsonAsync("/api/agui", RawSocket.Input("What can you do?", "thread", "q3"), Stop);
        Assert.Equal("interrupt_pending", await posted.CodeOfAsync(HttpStatusCode.Conflict, Stop));

        var ack = await socket.ResumeAsync("yes", "thread", interrupt, true, Stop);
        var run = ack.GetProperty("runId").GetString()!;
        Assert.Equal("success", (await socket.EndOfAsync(run, Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        var budget = Assert.Single(await alice.ListAsync("budgets", Stop));
        Assert.Equal(("500", "USD", "month"), (budget.GetProperty("amount").GetString(), budget.GetProperty("currency").GetString(), budget.GetProperty("per").GetString()));
        Assert.StartsWith("**The monthly budget is [$500.00](#f-", socket.AnswerOf("thread", run), StringComparison.Ordinal);

        // The same again is the same; the same answer anew finds nothing that waits.
        Assert.Equal(run, (await socket.ResumeAsync("yes", "thread", interrupt, true, Stop)).GetProperty("runId").GetString());
        Assert.Equal("interrupt_not_pending", (await socket.ResumeAsync("again", "thread", interrupt, true, Stop)).GetProperty("code").GetString());
        Assert.Equal("interrupt_not_pending", (await socket.ResumeAsync("no", "thread", interrupt, false, Stop)).GetProperty("code").GetString());
        await socket.StartAsync("later", RawSocket.Input("What can you do?", "thread", "later"), Stop);
        await socket.EndOfAsync("later", Stop);

        var events = socket.EventsOf("thread");
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        Assert.Single(events, e => RawSocket.EventType(e) == "TOOL_CALL_RESULT" && e.GetProperty("event").GetProperty("toolCallId").GetString() == call);
        Assert.Equal(["ask", run, "later"], events.Where(e => RawSocket.EventType(e) == "RUN_STARTED").Select(RawSocket.RunOf));
    }

    [Fact]
    public async Task A_second_tab_sees_the_question_and_answers_it_and_of_two_answers_at_once_one_counts()
    {
        using var bob = await services.SignUpAsync("bob", Stop);
        await using var one = await RawSocket.OpenAsync(services, bob, Stop);
        await one.ProposeAsync("Alert me when daily spend passes $20", "thread", "ask", Stop);
        await using var two = await RawSocket.OpenAsync(services, bob, Stop);
        await two.FollowAsync("thread", Stop);
        var seen = (await two.EndOfAsync("ask", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("interrupts")[0];

        var answers = await Task.WhenAll(one.ResumeAsync("one", "thread", seen, true, Stop), two.ResumeAsync("two", "thread", seen, false, Stop));

        var taken = Assert.Single(answers, answer => RawSocket.TypeOf(answer) == "ack");
        Assert.Equal("interrupt_not_pending", answers.Single(answer => RawSocket.TypeOf(answer) == "error").GetProperty("code").GetString());
        await two.EndOfAsync(taken.GetProperty("runId").GetString()!, Stop);
        Assert.Equal(taken.GetProperty("id").GetString() == "one" ? 1 : 0, (await bob.ListAsync("alerts", Stop)).Length);
    }

    [Fact]
    public async Task What_is_declined_or_left_changes_nothing_and_the_answer_says_so()
    {
        using var carol = await services.SignUpAsync("carol", Stop);
        await using var socket = await RawSocket.OpenAsync(services, carol, Stop);
        var interrupt = await socket.ProposeAsync("Set a budget of $1,250.50 a month", "thread", "ask", Stop);
        var no = (await socket.ResumeAsync("no", "thread", interrupt, false, Stop)).GetProperty("runId").GetString()!;
        await socket.EndOfAsync(no, Stop);
        Assert.StartsWith("**Not approved, so nothing has changed.** The monthly budget of [$1,250.50](#f-", socket.AnswerOf("thread", no), StringComparison.Ordinal);

        interrupt = await socket.ProposeAsync("Set a budget of $2k a month", "thread", "again", Stop);
        var entry = new { interruptId = interrupt.GetProperty("id").GetString(), status = "cancelled" };
        using var left = await carol.Http.PostAsJsonAsync("/api/agui", new { threadId = "thread", runId = "left", messages = Array.Empty<object>(), resume = (object[])[entry] }, Stop);
        Assert.Contains("nothing has changed", await left.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        Assert.Empty(await carol.ListAsync("budgets", Stop));
        Assert.Null(RunOrder.FirstFault(socket.EventsOf("thread").Select(e => e.GetProperty("event"))));
    }

    [Fact]
    public async Task Over_HTTP_the_input_that_answers_may_carry_the_whole_history_and_what_is_no_answer_is_refused()
    {
        using var dora = await services.SignUpAsync("dora", Stop);
        await using var socket = await RawSocket.OpenAsync(services, dora, Stop);
        var interrupt = await socket.ProposeAsync("Set a budget of 700 dollars a month", "thread", "ask", Stop);
        var history = new[] { new { id = "m", role = "user", content = "Set a budget of 700 dollars a month" } };

        foreach (var wrong in (object[])[
            new { interruptId = interrupt.GetProperty("id").GetString(), status = "resolved" },
            new { interruptId = interrupt.GetProperty("id").GetString(), status = "resolved", payload = new { approved = "yes" } },
            new { interruptId = interrupt.GetProperty("id").GetString(), status = "done", payload = new { approved = true } }])
        {
            using var refused = await dora.Http.PostAsJsonAsync("/api/agui", new { threadId = "thread", messages = history, resume = (object[])[wrong] }, Stop);
            Assert.Equal("invalid_field", await refused.CodeOfAsync(HttpStatusCode.BadRequest, Stop));
        }

        using var strange = await dora.Http.PostAsJsonAsync("/api/agui", new { threadId = "elsewhere", messages = history, resume = (object[])[Approvals.Entry(interrupt, true)] }, Stop);
        Assert.Equal("interrupt_not_pending", await strange.CodeOfAsync(HttpStatusCode.Conflict, Stop));
        Assert.Equal(HttpStatusCode.NotFound, (await dora.Http.GetAsync(new Uri("/api/threads/elsewhere", UriKind.Relative), Stop)).StatusCode);

        var input = new { threadId = "thread", runId = "yes", messages = history, resume = (object[])[Approvals.Entry(interrupt, true)] };
        using var first = await dora.Http.PostAsJsonAsync("/api/agui", input, Stop);
        using var second = await dora.Http.PostAsJsonAsync("/api/agui", input, Stop);
        var events = await first.Content.ReadAsStringAsync(Stop);
        Assert.Contains("\"outcome\":{\"type\":\"success\"}", events, StringComparison.Ordinal);
        Assert.Equal(events, await second.Content.ReadAsStringAsync(Stop));
        Assert.Equal("700", Assert.Single(await dora.ListAsync("budgets", Stop)).GetProperty("amount").GetString());
    }

    [Fact]
    public async Task A_budget_and_an_alert_stand_in_answers_about_cost_as_figures_with_a_source_until_they_are_deleted()
    {
        using var eve = await services.SignUpAsync("eve", Stop);
        var file = await eve.UploadAsync("northwind.csv", Approvals.Northwind(), Stop);
        await using var socket = await RawSocket.OpenAsync(services, eve, Stop);
        await ApproveAsync(socket, "Set a budget of $20 a month", "budget", file.Id);
        await ApproveAsync(socket, "Alert me when daily spend passes $1.50", "alert", file.Id);

        await socket.StartAsync("cost", RawSocket.Input("What did we spend in total?", "thread", "cost", file.Id), Stop);
        var end = (await socket.EndOfAsync("cost", Stop)).GetProperty("event");

        var text = socket.AnswerOf("thread", "cost");
        Assert.Matches(@"Your monthly budget is \[\$20\.00\]\(#f-[^)]+\)\. November 2025 used \[[\d.]+.%\]\(#f-[^)]+\) of it: \[\$33\.36\]\(#f-[^)]+\)\. That is \[\$13\.36\]\(#f-[^)]+\) more than the budget\.", text);
        Assert.Matches(@"Your alert is set at \[\$1\.50\]\(#f-[^)]+\) a day\. In this data, the number of days that passed it is \[\d+\]\(#f-[^)]+\)\.", text);
        Assert.All(end.GetProperty("result").GetProperty("quality").GetProperty("gates").EnumerateArray(), gate => Assert.True(gate.GetProperty("passed").GetBoolean(), gate.ToString()));
        foreach (var figure in end.GetProperty("result").GetProperty("figures").EnumerateArray().Where(f => f.GetProperty("text").GetString() is "$20.00" or "$13.36"))
        {
            var fact = JsonElement.Parse(await eve.Http.GetStringAsync(new Uri($"/api/facts/{figure.GetProperty("factId").GetString()}?recompute=true", UriKind.Relative), Stop));
            Assert.True(fact.GetProperty("recomputes").GetBoolean(), fact.ToString());
        }

        foreach (var what in (string[])["budgets", "alerts"])
        {
            var per = Assert.Single(await eve.ListAsync(what, Stop)).GetProperty("per").GetString();
            Assert.Equal(HttpStatusCode.NoContent, (await eve.Http.DeleteAsync(new Uri($"/api/{what}/{per}", UriKind.Relative), Stop)).StatusCode);
            Assert.Empty(await eve.ListAsync(what, Stop));
        }

        await socket.StartAsync("after", RawSocket.Input("What did we spend in total?", "thread", "after", file.Id), Stop);
        await socket.EndOfAsync("after", Stop);
        Assert.DoesNotContain("budget", socket.AnswerOf("thread", "after"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_routing_patch_holds_every_change_of_the_plan_and_is_a_file_to_download()
    {
        using var finn = await services.SignUpAsync("finn", Stop);
        var file = await finn.UploadAsync("northwind.csv", Approvals.Northwind(), Stop);
        await using var socket = await RawSocket.OpenAsync(services, finn, Stop);

        var interrupt = await socket.ProposeAsync("Write the routing patch for this plan", "thread", "ask", Stop, file.Id);
        Assert.Empty(await finn.ListAsync("documents", Stop));
        var run = (await socket.ResumeAsync("yes", "thread", interrupt, true, Stop)).GetProperty("runId").GetString()!;
        await socket.EndOfAsync(run, Stop);

        var document = Assert.Single(await finn.ListAsync("documents", Stop));
        var shown = socket.EventsOf("thread").Single(e => RawSocket.EventType(e) == "ACTIVITY_SNAPSHOT" && e.GetProperty("event").GetProperty("activityType").GetString() == "throughline.document");
        Assert.Equal(document.GetProperty("id").GetString(), shown.GetProperty("event").GetProperty("content").GetProperty("id").GetString());
        using var download = await finn.Http.GetAsync(new Uri($"/api/documents/{document.GetProperty("id").GetString()}", UriKind.Relative), Stop);
        Assert.Equal(document.GetProperty("name").GetString(), download.Content.Headers.ContentDisposition!.FileName);
        var patch = JsonElement.Parse(await download.Content.ReadAsStringAsync(Stop));
        Assert.Contains("code-completion", patch.GetProperty("model_list").EnumerateArray().Select(route => route.GetProperty("model_name").GetString()));
        var changes = interrupt.GetProperty("metadata").GetProperty("throughline").GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("after").GetString()).Order();
        var written = patch.GetProperty("model_list").EnumerateArray().Select(route => route.GetProperty("model_info"))
            .Concat(patch.TryGetProperty("by_hand", out var byHand) ? byHand.EnumerateArray() : []).Select(info => info.GetProperty("change").GetString()).Order();
        Assert.Equal(changes, written);
    }

    [Theory]
    [InlineData("Set a budget", "**How much may a month cost?**")]
    [InlineData("Set a budget between $400 and $500", "**How much may a month cost?**")]
    [InlineData("Set a budget of $0", "**How much may a month cost?**")]
    [InlineData("Alert me when spend is too high", "**At what spend shall the alert be set?**")]
    [InlineData("Write the routing patch for this plan", "**There is no plan to write a routing patch from.**")]
    public async Task Where_too_little_is_said_the_answer_says_what_is_missing_and_nothing_waits(string question, string lead)
    {
        using var gina = await services.SignUpAsync("gina", Stop);
        await using var socket = await RawSocket.OpenAsync(services, gina, Stop);
        await socket.StartAsync("ask", RawSocket.Input(question, "thread", "ask"), Stop);
        Assert.Equal("success", (await socket.EndOfAsync("ask", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        Assert.StartsWith(lead, socket.AnswerOf("thread", "ask"), StringComparison.Ordinal);
    }

    private static async Task ApproveAsync(RawSocket socket, string question, string run, Guid file)
    {
        var interrupt = await socket.ProposeAsync(question, "thread", run, Stop, file);
        await socket.EndOfAsync((await socket.ResumeAsync($"yes-{run}", "thread", interrupt, true, Stop)).GetProperty("runId").GetString()!, Stop);
    }
}
