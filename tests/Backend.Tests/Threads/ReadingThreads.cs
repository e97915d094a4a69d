using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Threads;

public sealed class ReadingThreadsOnSqlite(BackendStack platform) : ReadingThreads(platform);

[Collection(OnPostgres.Name)]
public sealed class ReadingThreadsOnPostgres(PostgresPlatform platform) : ReadingThreads(platform);

/// <summary>What the API gives of threads that have been: lists, search, messages, documents.</summary>
public abstract partial class ReadingThreads(Platform platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Search_finds_own_titles_questions_and_answers_in_any_case_and_takes_wildcards_literally()
    {
        await using var user = await platform.SignUpAsync("search", Stop);
        await using var other = await platform.SignUpAsync("other", Stop);
        using var http = user.CreateHttp(platform.Backend);
        using var foreign = other.CreateHttp(platform.Backend);
        var answer = await AskAsync(user, "asked", "What can you do about Zürich's Bill?");
        await CreateAsync(http, "titled", "ÜBERGRÖSSE 100%_x");
        await CreateAsync(http, "plain", "Nothing of note");

        Assert.Equal(["titled"], await FindAsync(http, "übergrösse"));
        Assert.Equal(["asked"], await FindAsync(http, "zÜRICH'S bill"));
        Assert.Equal(["asked"], await FindAsync(http, answer[..30].ToUpperInvariant()));
        Assert.Equal(["titled"], await FindAsync(http, "100%_X"));
        Assert.Empty(await FindAsync(http, "1_0%"));
        Assert.Empty(await FindAsync(foreign, "bill"));

        using var renamed = await http.PatchAsJsonAsync("/api/threads/titled", new { title = "ÄRGER" }, Stop);
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        Assert.Equal(["titled"], await FindAsync(http, "ärger"));
        Assert.Empty(await FindAsync(http, "übergrösse"));
    }

    [Fact]
    public async Task Pages_of_the_list_hold_each_thread_once_latest_first()
    {
        await using var user = await platform.SignUpAsync("pages", Stop);
        using var http = user.CreateHttp(platform.Backend);
        for (var i = 0; i < 5; i++) await CreateAsync(http, $"t{i}", $"Thread {i}");
        Assert.Equal(["t4", "t3", "t2", "t1", "t0"], (await PagesAsync(http, "/api/threads?limit=2")).Select(t => t.GetProperty("id").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri("/api/threads?cursor=nonsense", UriKind.Relative), Stop)).StatusCode);
    }

    [Fact]
    public async Task Messages_are_what_was_asked_and_said_oldest_first_however_they_are_paged()
    {
        await using var user = await platform.SignUpAsync("messages", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var said = new List<string>();
        string[] questions = ["What can you do?", "And what do you need?"];
        foreach (var question in questions) said.Add(await AskAsync(user, "thread", question));

        var all = await PagesAsync(http, "/api/threads/thread/messages");
        Assert.Equal(all.Select(m => m.GetRawText()), (await PagesAsync(http, "/api/threads/thread/messages?limit=1")).Select(m => m.GetRawText()));
        Assert.Equal(questions, all.Where(m => m.GetProperty("role").GetString() == "user").Select(m => m.GetProperty("content").GetString()));
        Assert.Equal(said, all.Where(m => m.GetProperty("role").GetString() == "assistant").Select(m => m.GetProperty("content").GetString()));
        Assert.Equal("user", all[0].GetProperty("role").GetString());
        Assert.DoesNotContain(all, m => m.EnumerateObject().Any(member => member.Value.ValueKind == JsonValueKind.Null));

        var events = await PagesAsync(http, "/api/threads/thread/events?limit=1000");
        var firstThree = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/threads/thread/events?after=2&limit=3", UriKind.Relative), Stop));
        Assert.Equal([3L, 4, 5], firstThree.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.GetProperty("seq").GetInt64()));
        Assert.Equal(2, (await PagesAsync(http, "/api/threads/thread/runs?limit=1")).Count);
    }

    [Fact]
    public async Task A_question_may_hold_any_character()
    {
        await using var user = await platform.SignUpAsync("zero", Stop);
        using var http = user.CreateHttp(platform.Backend);
        const string question = "What\0can you do? \U0001F9EE \u202E";
        Assert.NotEmpty(await AskAsync(user, "thread", question));
        Assert.Equal(question, (await PagesAsync(http, "/api/threads/thread/messages"))[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task An_export_has_each_figure_with_its_source_and_no_hostile_value_becomes_markup_or_a_formula()
    {
        await using var user = await platform.SignUpAsync("export", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var file = await user.UploadAsync("=cmd|' /C calc'!A0.csv", Encoding.UTF8.GetBytes("""
            timestamp,model,user,feature,input_tokens,output_tokens
            2026-10-05T10:00:00Z,gpt-4o,ann,=HYPERLINK("https://evil.example"),1000,200
            2026-10-05T11:00:00Z,gpt-4o,bob,<img src=x onerror=alert(1)>|`,3000,100
            2026-10-06T11:00:00Z,gpt-4o,@bob,[click](https://evil.example),5000,700

            """), Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.StartAsync("run", RawSocket.Input("=1+1 What did we spend by feature? <img src=y>", "thread", "run", file.Id), Stop);
        var figures = (await socket.EndOfAsync("run", Stop)).GetProperty("event").GetProperty("result").GetProperty("figures").EnumerateArray().ToList();
        Assert.NotEmpty(figures);

        var markdown = await ExportAsync(http, "md", "text/markdown");
        foreach (var figure in figures) Assert.Contains(figure.GetProperty("text").GetString()!, markdown.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("#f-", markdown, StringComparison.Ordinal);
        var outsideCode = CodeSpan().Replace(markdown, "");
        Assert.DoesNotMatch(@"(?<!\\)<img", outsideCode);
        Assert.DoesNotMatch(@"(?<!\\)\[click(?<!\\)\]\(", outsideCode);

        var rows = Csv(await ExportAsync(http, "csv", "text/csv"));
        Assert.Equal(["at", "run_id", "question", "figure", "value", "unit", "subject", "computed", "source", "fact_id"], rows[0]);
        Assert.Equal(figures.Select(f => f.GetProperty("factId").GetString()), rows.Skip(1).Select(r => r[9]));
        Assert.Equal(figures.Select(f => f.GetProperty("value").GetString()), rows.Skip(1).Select(r => r[4].TrimStart('\'')));
        Assert.All(rows.Skip(1), row => Assert.All(row, cell => Assert.DoesNotMatch(@"^[=+\-@\t\r]", cell)));
        Assert.All(rows.Skip(1), row => Assert.StartsWith("'=1+1", row[2], StringComparison.Ordinal));

        var json = JsonElement.Parse(await ExportAsync(http, "json", "application/json"));
        Assert.Equal("thread", json.GetProperty("thread").GetProperty("id").GetString());
        var exchange = Assert.Single(json.GetProperty("items").EnumerateArray());
        Assert.Equal("=1+1 What did we spend by feature? <img src=y>", exchange.GetProperty("question").GetString());
        Assert.Equal(figures.Select(f => f.GetProperty("factId").GetString()).Distinct(), exchange.GetProperty("facts").EnumerateArray().Select(f => f.GetProperty("id").GetString()));
        Assert.DoesNotContain("#f-", exchange.GetProperty("answer").GetString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri("/api/threads/thread/export?format=xml", UriKind.Relative), Stop)).StatusCode);
    }

    private static async Task<string> ExportAsync(HttpClient http, string format, string type)
    {
        using var answer = await http.GetAsync(new Uri($"/api/threads/thread/export?format={format}", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"thread.{format}", answer.Content.Headers.ContentDisposition?.FileName);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    /// <returns>The answer's text as it was streamed.</returns>
    private async Task<string> AskAsync(TestUser user, string thread, string question)
    {
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var run = $"run-{Guid.NewGuid():N}";
        Assert.Equal("ack", RawSocket.TypeOf(await socket.StartAsync(run, RawSocket.Input(question, thread, run), Stop)));
        await socket.EndOfAsync(run, Stop);
        return string.Concat(socket.EventsOf(thread).Where(e => RawSocket.EventType(e) == "TEXT_MESSAGE_CONTENT" && RawSocket.RunOf(e) == run)
            .Select(e => e.GetProperty("event").GetProperty("delta").GetString()));
    }

    private static async Task CreateAsync(HttpClient http, string id, string title)
    {
        using var answer = await http.PostAsJsonAsync("/api/threads", new { id, title }, Stop);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task<IEnumerable<string?>> FindAsync(HttpClient http, string query) =>
        (await PagesAsync(http, $"/api/threads?query={Uri.EscapeDataString(query)}")).Select(t => t.GetProperty("id").GetString());

    /// <summary>All items of a list, page by page.</summary>
    private static async Task<List<JsonElement>> PagesAsync(HttpClient http, string path)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = JsonElement.Parse(await http.GetStringAsync(new Uri(cursor is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Uri.EscapeDataString(cursor)}", UriKind.Relative), Stop));
            Assert.True(page.GetProperty("items").GetArrayLength() > 0 || !page.TryGetProperty("next", out _), "An empty page promises another.");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>What Markdown shows as it stands: between two runs of as many backticks.</summary>
    [GeneratedRegex(@"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)")]
    private static partial Regex CodeSpan();

    /// <summary>RFC 4180.</summary>
    private static List<List<string>> Csv(string text)
    {
        var rows = new List<List<string>>();
        foreach (var line in text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var cells = new List<string>();
            var cell = new StringBuilder();
            var isQuoted = false;
            foreach (var c in line)
            {
                if (c == '"') isQuoted = !isQuoted;
                if (c == ',' && !isQuoted)
                {
                    cells.Add(cell.ToString());
                    cell.Clear();
                }
                else
                {
                    cell.Append(c);
                }
            }

            cells.Add(cell.ToString());
            rows.Add([.. cells.Select(value => value is ['"', .. var inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : value)]);
        }

        return rows;
    }
}
