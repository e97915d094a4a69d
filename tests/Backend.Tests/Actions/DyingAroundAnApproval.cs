using System.Text.Json;
using Throughline.Backend.Tests.Files;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Actions;

/// <summary>The backend is killed between the approval and what comes of it, and started again.</summary>
public sealed class DyingAroundAnApproval(Services services) : IClassFixture<Services>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Moments => SuiteSize.Of<TheoryData<string>>(
        ["sent", "STEP_STARTED", "TOOL_CALL_RESULT", "RUN_FINISHED"],
        ["sent", "acknowledged", "RUN_STARTED", "STEP_STARTED", "TOOL_CALL_START", "TOOL_CALL_RESULT", "STEP_FINISHED", "TEXT_MESSAGE_START", "RUN_FINISHED"]);

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_effect_is_there_exactly_once_however_often_it_is_approved_again(string moment)
    {
        using var member = await services.SignUpAsync("mortal", Stop);
        var file = await member.UploadAsync("northwind.csv", Approvals.Northwind(), Stop);
        JsonElement budget, patch;
        await using (var socket = await RawSocket.OpenAsync(services, member, Stop))
        {
            budget = await socket.ProposeAsync("Set a budget of $500 a month", "budget", "ask-budget", Stop);
            patch = await socket.ProposeAsync("Write the routing patch for this plan", "patch", "ask-patch", Stop, file.Id);
            await socket.SendAsync(Approvals.Frame("yes-budget", "budget", budget, true), Stop);
            await socket.SendAsync(Approvals.Frame("yes-patch", "patch", patch, true), Stop);
            if (moment != "sent") await UntilAsync(socket, moment);
            await Services.KillAsync(services.Backend, Stop);
        }

        await services.StartBackendAsync(Stop);
        using var again = await services.SignInAsync(member.UserId, member.Email, Stop);
        await using var after = await RawSocket.OpenAsync(services, again, Stop);
        foreach (var (thread, interrupt) in ((string, JsonElement)[])[("budget", budget), ("patch", patch)])
        {
            await after.FollowAsync(thread, Stop);
            for (var i = 0; i < 2; i++)
            {
                var ack = await after.ResumeAsync($"yes-{thread}", thread, interrupt, true, Stop);
                Assert.True(RawSocket.TypeOf(ack) == "ack", ack.ToString());
                await after.EndOfAsync(ack.GetProperty("runId").GetString()!, Stop);
            }

            Assert.Equal("interrupt_not_pending", (await after.ResumeAsync($"other-{thread}", thread, interrupt, true, Stop)).GetProperty("code").GetString());
            var events = after.EventsOf(thread);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
            Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
            Assert.Equal(["interrupt", "success"], events.Where(e => RawSocket.EventType(e) == "RUN_FINISHED").Select(e => e.GetProperty("event").GetProperty("outcome").GetProperty("type").GetString()));
            Assert.Single(events, e => RawSocket.EventType(e) == "TOOL_CALL_RESULT" && e.GetProperty("event").GetProperty("toolCallId").GetString() == interrupt.GetProperty("toolCallId").GetString());
        }

        Assert.Equal("500", Assert.Single(await again.ListAsync("budgets", Stop)).GetProperty("amount").GetString());
        Assert.Single(await again.ListAsync("documents", Stop));
    }

    /// <summary>Waits for the first such event of either resumed run.</summary>
    private static Task<JsonElement> UntilAsync(RawSocket socket, string moment) => moment == "acknowledged"
        ? socket.AnswerToAsync("yes-patch", Stop)
        : socket.UntilAsync($"{moment} of a resumed run", f => RawSocket.TypeOf(f) == "event" && RawSocket.EventType(f) == moment && RawSocket.RunOf(f) is not ("ask-budget" or "ask-patch"), Stop);
}
