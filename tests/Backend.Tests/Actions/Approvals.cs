using System.Text.Json;

namespace Throughline.Backend.Tests.Actions;

/// <summary>How a test asks for a change and answers what is asked.</summary>
internal static class Approvals
{
    /// <summary>Asks, and returns the interrupt that the run ends with.</summary>
    public static async Task<JsonElement> ProposeAsync(this RawSocket socket, string question, string thread, string run, CancellationToken cancellationToken, params Guid[] files)
    {
        var ack = await socket.StartAsync(run, RawSocket.Input(question, thread, run, files), cancellationToken);
        Assert.True(RawSocket.TypeOf(ack) == "ack", ack.ToString());
        var end = (await socket.EndOfAsync(run, cancellationToken)).GetProperty("event");
        Assert.True(end.TryGetProperty("outcome", out var outcome) && outcome.GetProperty("type").GetString() == "interrupt", end.ToString());
        return Assert.Single(outcome.GetProperty("interrupts").EnumerateArray());
    }

    public static async Task<JsonElement> ResumeAsync(this RawSocket socket, string id, string thread, JsonElement interrupt, bool isApproved, CancellationToken cancellationToken)
    {
        await socket.SendAsync(Frame(id, thread, interrupt, isApproved), cancellationToken);
        return await socket.UntilAsync($"answer to {id}", f => RawSocket.TypeOf(f) is "ack" or "error" && f.TryGetProperty("id", out var i) && i.GetString() == id, cancellationToken);
    }

    public static object Frame(string id, string thread, JsonElement interrupt, bool isApproved) =>
        new { type = "run.resume", id, threadId = thread, resume = (object[])[Entry(interrupt, isApproved)] };

    public static object Entry(JsonElement interrupt, bool isApproved) =>
        new { interruptId = interrupt.GetProperty("id").GetString(), status = "resolved", payload = new { approved = isApproved } };

    public static async Task<JsonElement[]> ListAsync(this Member member, string what, CancellationToken cancellationToken) =>
        [.. JsonElement.Parse(await member.Http.GetStringAsync(new Uri($"/api/{what}", UriKind.Relative), cancellationToken)).GetProperty("items").EnumerateArray()];

    public static async Task<string?> StatusAsync(this Member member, string run, CancellationToken cancellationToken) =>
        JsonElement.Parse(await member.Http.GetStringAsync(new Uri($"/api/runs/{run}", UriKind.Relative), cancellationToken)).GetProperty("status").GetString();

    /// <summary>The run's answer, as it is written.</summary>
    public static string AnswerOf(this RawSocket socket, string thread, string run) => string.Concat(socket.EventsOf(thread)
        .Where(e => RawSocket.RunOf(e) == run && RawSocket.EventType(e) == "TEXT_MESSAGE_CONTENT").Select(e => e.GetProperty("event").GetProperty("delta").GetString()));

    /// <summary>A month of usage from which a plan can be made, as a file to upload.</summary>
    public static byte[] Northwind()
    {
        var text = new System.Text.StringBuilder("timestamp,model,input_tokens,output_tokens,user,feature,team\n");
        foreach (var row in Agents.Northwind.Rows())
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{row.At:yyyy-MM-ddTHH:mm:ss}Z,{row.Model},{row.Input},{row.Output},{row.User},{row.Feature},{row.Team}\n");
        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }
}
