using System.Text.Json;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Web.Threads;

namespace Throughline.Web.Tests.Threads;

public sealed class FoldingAThread
{
    private static readonly Guid File = Guid.CreateVersion7();

    [Fact]
    public void A_finished_run_shows_question_files_stages_tools_and_answer_in_order()
    {
        var chart = new ChartActivity("Spend by model", "Nov 2025, USD", "bars", "usd", "…", [new ChartPoint("gpt-4o", "47.61", "$47.61")]);
        var run = Assert.Single(new Log().Begin("What did we spend?", File)
            .Add(new StepStarted("triage"), 0).Add(new StepFinished("triage"), 40)
            .Add(new StepStarted("data"), 40)
            .Add(new ToolCallStart("t1", "spend_total"), 50)
            .Add(new ToolCallArgs("t1", "{\"workload\":\"support"), 50).Add(new ToolCallArgs("t1", "-bot\",\"fileIds\":[\"x\"],\"maxDays\":23}"), 50)
            .Add(new ToolCallResult("r1", "t1", "{\"summary\":\"[$47.61](#f-1) spent\",\"facts\":[]}"), 160)
            .Add(new StepFinished("data"), 350)
            .Say("a1", "You spent ", "$47.61.")
            .Add(new ActivitySnapshot("c1", "throughline.chart", JsonSerializer.SerializeToElement(chart, Contracts.WireJson.Default.ChartActivity)))
            .Say("a2", "The end.")
            .Add(new RunFinished(Log.Thread, Log.Run, new RunOutcome("success"), new RunResult("completed")), 1020)
            .Fold().Runs);

        Assert.Equal(("What did we spend?", RunStatus.Completed, 1020d), (run.Question, run.Status, run.ElapsedMs));
        Assert.Equal([File], run.FileIds);
        Assert.Equal([("Triage", StageState.Done, 40d), ("Data", StageState.Done, 310d)], run.Stages.Select(stage => (stage.Title, stage.State, stage.ElapsedMs)));
        var call = Assert.Single(run.ToolCalls);
        Assert.Equal(("spend_total", "workload = support-bot, max days = 23", ToolCallState.Done, 110d), (call.Name, call.ArgumentsInWords, call.State, call.ElapsedMs));
        Assert.Equal([typeof(TextBlock), typeof(ChartBlock), typeof(TextBlock)], run.Blocks.Select(block => block.GetType()));
        Assert.Equal("You spent $47.61.\n\nThe end.", run.Markdown);
    }

    [Fact]
    public void An_event_that_arrives_twice_changes_nothing()
    {
        var log = new Log().Begin("Why?").Say("a1", "Because.");
        var view = log.Fold();

        Assert.All(log.Entries, entry => Assert.False(view.Apply(entry)));
        Assert.Equal("Because.", Assert.Single(view.Runs).Markdown);
    }

    [Fact]
    public void A_question_that_was_shown_early_becomes_the_run_that_the_log_tells_of()
    {
        var view = new ThreadView(Log.Thread);
        view.Expect(Log.Run, "Why?", [File], DateTimeOffset.UnixEpoch);
        foreach (var entry in new Log().Begin("Why?", File).Entries)
            view.Apply(entry);

        Assert.Equal(RunStatus.Running, Assert.Single(view.Runs).Status);
    }

    [Fact]
    public void A_refused_question_is_taken_back()
    {
        var view = new ThreadView(Log.Thread);
        view.Expect(Log.Run, "Why?", [], DateTimeOffset.UnixEpoch);
        view.Withdraw(Log.Run);

        Assert.Empty(view.Runs);
        Assert.Null(view.Active);
    }

    [Fact]
    public void A_cancelled_run_stops_what_was_under_way()
    {
        var run = Assert.Single(new Log().Begin("Why?").Add(new StepStarted("data"), 10).Add(new ToolCallStart("t1", "spend_total"), 20)
            .Add(new RunFinished(Log.Thread, Log.Run, new RunOutcome("cancelled")), 2100).Fold().Runs);

        Assert.Equal((RunStatus.Cancelled, StageState.Stopped, ToolCallState.Stopped), (run.Status, run.Stages[0].State, run.ToolCalls[0].State));
    }

    [Theory]
    [InlineData(true, "Approved")]
    [InlineData(false, "Declined")]
    public void What_waits_for_an_approval_is_answered_by_the_run_that_brings_the_answer(bool isApproved, string said)
    {
        var until = DateTimeOffset.UnixEpoch.AddDays(1);
        var asked = new Interrupt("i1", "tool_call", "Set a monthly budget of $500.00?", "t1", ExpiresAt: until, Metadata: new(new Proposal("set_budget", [new("Monthly budget", "$500.00")])));
        var log = new Log().Begin("Set a budget").Add(new ToolCallStart("t1", "set_budget"), 10).Add(new RunFinished(Log.Thread, Log.Run, new RunOutcome("interrupt", [asked])), 20);
        var waiting = Assert.Single(Assert.Single(log.Fold().Runs).Approvals);
        Assert.True(waiting.IsPending(until.AddSeconds(-1)));
        Assert.False(waiting.IsPending(until));

        var payload = JsonSerializer.SerializeToElement(new { approved = isApproved });
        var runs = log.Add(new RunStarted(Log.Thread, "run-2", new RunAgentInput(Messages: [], Resume: [new ResumeEntry("i1", "resolved", payload)])), 30).Fold().Runs;

        Assert.Equal((RunStatus.Interrupted, isApproved, false), (runs[0].Status, runs[0].Approvals[0].IsApproved, runs[0].Approvals[0].IsPending(DateTimeOffset.UnixEpoch)));
        Assert.Equal(said, runs[1].Question);
    }

    [Fact]
    public void A_failed_run_marks_the_stage_it_failed_in()
    {
        var run = Assert.Single(new Log().Begin("Why?").Add(new StepStarted("data"), 10)
            .Add(new RunError("The analysis ran out of its 256 MB.", "internal"), 90).Fold().Runs);

        Assert.Equal((RunStatus.Failed, StageState.Failed, "The analysis ran out of its 256 MB."), (run.Status, run.Stages[0].State, run.Error?.Message));
    }

    [Fact]
    public void An_event_or_activity_of_a_newer_version_is_passed_over()
    {
        var log = new Log().Begin("Why?").Add(new ActivitySnapshot("x", "throughline.hologram", JsonSerializer.SerializeToElement(new { }))).Say("a1", "Because.");
        var view = log.Fold();
        using var newer = JsonDocument.Parse("{\"type\":\"FROM_THE_FUTURE\"}");

        Assert.True(view.Apply(new LoggedEvent(view.Head + 1, newer.RootElement)));
        Assert.Equal("Because.", Assert.Single(view.Runs).Markdown);
    }

    [Fact]
    public void While_a_run_goes_on_the_stages_sure_to_follow_are_shown_as_to_come()
    {
        var run = Assert.Single(new Log().Begin("Why?").Add(new StepStarted("triage")).Fold().Runs);

        Assert.Equal([("triage", StageState.Running), ("report", StageState.ToCome), ("quality_gate", StageState.ToCome)],
            StageView.Strip(run).Select(stage => (stage.Name, stage.State)));
    }
}
