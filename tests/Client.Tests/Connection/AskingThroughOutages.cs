using System.Text.Json.Nodes;
using Throughline.Client.Problems;
using Throughline.Client.Runs;

namespace Throughline.Client.Tests.Connection;

public sealed class AskingThroughOutages
{
    [Fact]
    public async Task A_question_is_repeated_unchanged_until_it_is_acknowledged()
    {
        await using var s = await Situation.BeginAsync();
        var asked = s.Connection.AskAsync(new Question("what did we spend?") { ThreadId = "t" }, s.Stop);

        var first = await s.Server.GreetedAsync(s.Stop);
        var sent = await first.ReceiveAsync(s.Stop);
        first.Cut(); // before the ack: nobody knows whether it arrived

        var second = await s.Server.GreetedAsync(s.Stop);
        var again = await second.ReceiveAsync(s.Stop);
        Assert.True(JsonNode.DeepEquals(sent, again), $"{sent} became {again}");
        await second.SendAsync($$"""{"type":"ack","id":"{{again["id"]}}","threadId":"t","runId":"r","seq":7}""", s.Stop);
        Assert.Equal(new StartedRun("t", "r", 7), await asked);
    }

    [Fact]
    public async Task A_refused_question_says_why_and_when_to_try_again()
    {
        await using var s = await Situation.BeginAsync();
        var asked = s.Connection.AskAsync(new Question("more"), s.Stop);
        var socket = await s.Server.GreetedAsync(s.Stop);
        var id = (string)(await socket.ReceiveAsync(s.Stop))["id"]!;
        await socket.SendAsync($$"""{"type":"error","id":"{{id}}","code":"rate_limited","message":"Too many.","retryAfterMs":1500}""", s.Stop);

        var refusal = await Assert.ThrowsAsync<ProtocolException>(() => asked);
        Assert.Equal(("rate_limited", TimeSpan.FromMilliseconds(1500)), (refusal.Code, refusal.RetryAfter));
    }

    [Fact]
    public async Task A_cancel_whose_answer_was_lost_has_still_succeeded()
    {
        await using var s = await Situation.BeginAsync();
        var cancelled = s.Connection.CancelAsync("r", s.Stop);
        var first = await s.Server.GreetedAsync(s.Stop);
        await first.ReceiveAsync(s.Stop);
        first.Cut();

        var second = await s.Server.GreetedAsync(s.Stop);
        var id = (string)(await second.ReceiveAsync(s.Stop))["id"]!;
        await second.SendAsync($$"""{"type":"error","id":"{{id}}","code":"run_not_active","message":"It has ended."}""", s.Stop);
        await cancelled;
    }

    [Fact]
    public async Task A_message_that_no_frame_holds_is_refused_before_it_can_close_the_socket()
    {
        await using var s = await Situation.BeginAsync();
        var refusal = await Assert.ThrowsAsync<ProtocolException>(() => s.Connection.AskAsync(new Question(new string('x', 300_000)), s.Stop));
        Assert.Equal("message_too_long", refusal.Code);
        Assert.Equal(0, s.Server.Handshakes);
    }

    [Fact]
    public async Task An_answer_is_read_to_its_end_and_no_further()
    {
        await using var s = await Situation.BeginAsync();
        var answer = s.Connection.ReadAnswerAsync(new StartedRun("t", "r", 3), s.Stop);
        var socket = await s.Server.GreetedAsync(s.Stop);
        Assert.Equal(3, (long)(await socket.ReceiveAsync(s.Stop))["after"]!);
        string[] events =
        [
            """{"type":"RUN_STARTED","threadId":"t","runId":"r"}""",
            """{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"You spent "}""",
            """{"type":"SOMETHING_NEWER_THAN_THIS_CLIENT","x":1}""",
            """{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"[$47.61](#f-1)."}""",
            """{"type":"RUN_FINISHED","threadId":"t","runId":"r","outcome":{"type":"success"},"result":{"status":"completed"}}""",
        ];
        for (var i = 0; i < events.Length; i++)
            await socket.SendAsync($$"""{"type":"event","threadId":"t","seq":{{4 + i}},"event":{{events[i]}}}""", s.Stop);

        var read = await answer;
        Assert.Equal(("You spent [$47.61](#f-1).", "success", "completed"), (read.Markdown, read.Finished!.Outcome.Type, read.Finished.Result!.Status));
    }
}
