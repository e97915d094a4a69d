using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;

namespace Throughline.Backend.Tests.AgUi;

public sealed class AttachingOverHttp(BackendStack platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_run_again_attaches_and_Last_Event_ID_goes_on_after_it()
    {
        await using var user = await platform.SignUpAsync("agui", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var all = await RunAsync(http, "first", null);
        Assert.Equal("1", all[0].Id);
        Assert.Equal(all, await RunAsync(http, "first", null));
        Assert.Equal(all.Skip(3), await RunAsync(http, "first", all[2].Id));

        var second = await RunAsync(http, "second", null);
        Assert.Equal(all.Count + 1, int.Parse(second[0].Id, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(all.Skip(1), await RunAsync(http, "first", all[0].Id));
    }

    [Fact]
    public async Task Who_has_the_whole_run_gets_no_stream_and_who_claims_more_is_refused()
    {
        await using var user = await platform.SignUpAsync("whole", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var all = await RunAsync(http, "first", null);
        using var again = await http.SendAsync(Request("first", all[^1].Id), HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        using var more = await http.SendAsync(Request("first", "1000000"), HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, more.StatusCode);
    }

    [Fact]
    public async Task A_refusal_is_a_problem_document_with_the_protocols_code()
    {
        await using var user = await platform.SignUpAsync("empty", Stop);
        using var http = user.CreateHttp(platform.Backend);
        using var answer = await http.PostAsJsonAsync("/api/agui", new { threadId = "t", runId = "r", messages = Array.Empty<object>() }, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"empty_message\"", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(string runId, string? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/agui")
        {
            Content = JsonContent.Create(new { threadId = "t", runId, messages = new[] { new { id = "m", role = "user", content = "What can you do?" } } }),
        };
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        return request;
    }

    private static async Task<List<(string Id, string Data)>> RunAsync(HttpClient http, string runId, string? lastEventId)
    {
        using var request = Request(runId, lastEventId);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var parser = SseParser.Create(await answer.Content.ReadAsStreamAsync(Stop));
        var events = new List<(string, string)>();
        await foreach (var item in parser.EnumerateAsync(Stop)) events.Add((parser.LastEventId, item.Data));
        return events;
    }
}
