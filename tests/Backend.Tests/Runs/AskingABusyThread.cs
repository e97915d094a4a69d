using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using Throughline.Backend.Tests.Files;

namespace Throughline.Backend.Tests.Runs;

/// <summary>Runs that wait for a model, so that a thread is busy for as long as the test wants.</summary>
public sealed class AskingABusyThread(ServicesWithModel services) : IClassFixture<ServicesWithModel>
{
    private const long Sequences = 25;
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cancelling_hangs_up_on_the_model_and_nothing_follows()
    {
        await using var thread = await BusyThread.OpenAsync(services, Stop);
        await thread.StartAsync("run", "queue", Stop);
        var call = await services.Model.NextAsync(Stop);

        var watch = Stopwatch.StartNew();
        await thread.CancelAsync("run", Stop);
        var ended = TimedAsync(thread.Socket.EndOfAsync("run", Stop), watch);
        await call.Gone.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        var hungUp = watch.ElapsedMilliseconds;
        var (last, endedAfter) = await ended;

        TestContext.Current.TestOutputHelper!.WriteLine($"hung up after {hungUp} ms, ended after {endedAfter} ms");
        Assert.True(hungUp < Within.TotalMilliseconds, $"The model's caller hung up after {hungUp} ms.");
        Assert.True(endedAfter < Within.TotalMilliseconds, $"The run ended after {endedAfter} ms.");
        // Whatever the cancelled run might still say would stand before the next run's end.
        await thread.StartAsync("next", "queue", Stop);
        (await services.Model.NextAsync(Stop)).Answer();
        await thread.Socket.EndOfAsync("next", Stop);
        Assert.Equal(RawSocket.SeqOf(last), thread.Socket.EventsOf(thread.Id).Where(e => RawSocket.RunOf(e) == "run").Max(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(thread.Socket.EventsOf(thread.Id).Select(e => e.GetProperty("event"))));
    }

    [Fact]
    public async Task Over_HTTP_a_second_request_may_be_refused_or_take_the_place_of_the_first()
    {
        await using var thread = await BusyThread.OpenAsync(services, Stop);
        await thread.StartAsync("first", "queue", Stop);
        await services.Model.NextAsync(Stop);

        using var refused = await thread.PostAsync("refused", "reject", Stop);
        Assert.Equal("thread_busy", await refused.CodeOfAsync(HttpStatusCode.Conflict, Stop));
        Assert.Equal(HttpStatusCode.NotFound, (await thread.Member.Http.GetAsync(new Uri("/api/runs/refused", UriKind.Relative), Stop)).StatusCode);
        using var wrong = await thread.PostAsync("wrong", "later", Stop);
        Assert.Equal("invalid_field", await wrong.CodeOfAsync(HttpStatusCode.BadRequest, Stop));

        var second = thread.PostAsync("second", "interrupt", Stop);
        (await services.Model.NextAsync(Stop)).Answer();
        using var answer = await second;
        Assert.Contains("RUN_FINISHED", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(["cancelled", "completed"], await thread.StatusesAsync(["first", "second"], Stop));
    }

    [Fact]
    public async Task Any_sequence_of_requests_cancels_and_ends_leaves_the_thread_as_a_small_model_says()
    {
        var step = Gen.Frequency(
            (3, Gen.Const(("start", "queue"))), (2, Gen.Const(("start", "interrupt"))), (2, Gen.Const(("start", "reject"))),
            (2, Gen.Const(("cancel", "first"))), (1, Gen.Const(("cancel", "last"))), (3, Gen.Const(("end", ""))));
        await step.Array[2, 9].SampleAsync(PlayAsync, iter: Sequences, threads: 1);
    }

    private static async Task<(JsonElement Frame, long AfterMs)> TimedAsync(Task<JsonElement> frame, Stopwatch watch) => (await frame, watch.ElapsedMilliseconds);

    private async Task PlayAsync((string What, string How)[] steps)
    {
        await using var thread = await BusyThread.OpenAsync(services, Stop);
        var model = new ThreadModel();
        ModelCall? call = null;
        foreach (var (what, how) in steps)
        {
            var before = model.Running;
            switch (what)
            {
                case "start":
                    var run = model.NextName;
                    var expected = model.Start(how);
                    var answer = await thread.StartAsync(run, how, Stop);
                    Assert.Equal(expected ? "ack" : "thread_busy", expected ? RawSocket.TypeOf(answer) : answer.GetProperty("code").GetString());
                    break;
                case "cancel" when (how == "first" ? model.Running : model.LastOpen) is { } open:
                    model.Cancel(open);
                    Assert.Equal("ack", RawSocket.TypeOf(await thread.CancelAsync(open, Stop)));
                    break;
                case "end" when model.Running is not null:
                    call!.Answer();
                    model.End();
                    break;
            }

            if (model.Running == before) continue;
            await thread.EndedAsync(model.Over, Stop);
            if (model.Running is not null) call = await services.Model.NextAsync(Stop);
        }

        while (model.Running is not null)
        {
            call!.Answer();
            model.End();
            await thread.EndedAsync(model.Over, Stop);
            if (model.Running is not null) call = await services.Model.NextAsync(Stop);
        }

        Assert.Equal(model.Accepted.Select(r => model.StatusOf(r)), await thread.StatusesAsync(model.Accepted, Stop));
        var events = thread.Socket.EventsOf(thread.Id);
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Equal(model.Accepted, events.Where(e => RawSocket.EventType(e) == "RUN_STARTED").Select(RawSocket.RunOf));
        Assert.Equal(model.Accepted.Count, await thread.CountRunsAsync(Stop));
    }
}

/// <summary>What a thread does, in a list: the first that has not ended runs, the others wait.</summary>
internal sealed class ThreadModel
{
    private readonly List<string> _accepted = [];
    private readonly Dictionary<string, string> _ended = [];
    private int _asked;

    public string NextName => $"run-{_asked}";

    public IReadOnlyList<string> Accepted => _accepted;

    /// <summary>Those whose end stands in the log: a cancelled one that waits has its end when its turn comes.</summary>
    public IEnumerable<string> Over => _accepted.TakeWhile(_ended.ContainsKey);

    public string? Running => _accepted.Find(run => !_ended.ContainsKey(run));

    public string? LastOpen => _accepted.FindLast(run => !_ended.ContainsKey(run));

    public string StatusOf(string run) => _ended[run];

    public bool Start(string whenBusy)
    {
        var name = $"run-{_asked++}";
        if (Running is not null && whenBusy == "reject") return false;
        if (whenBusy == "interrupt") _accepted.ForEach(run => _ended.TryAdd(run, "cancelled"));
        _accepted.Add(name);
        return true;
    }

    public void Cancel(string run) => _ended[run] = "cancelled";

    public void End() => _ended[Running!] = "completed";
}

/// <summary>A thread of a user of its own, followed on a socket.</summary>
internal sealed class BusyThread : IAsyncDisposable
{
    private readonly Guid _file;
    private int _cancels;

    private BusyThread(Member member, RawSocket socket, Guid file) => (Member, Socket, _file) = (member, socket, file);

    public string Id { get; } = $"thread-{Guid.NewGuid():N}";

    public Member Member { get; }

    public RawSocket Socket { get; }

    public static async Task<BusyThread> OpenAsync(Services services, CancellationToken cancellationToken)
    {
        var member = await services.SignUpAsync("busy", cancellationToken);
        var file = await member.UploadAsync("trace.csv", Uploads.Trace(20), cancellationToken);
        return new BusyThread(member, await RawSocket.OpenAsync(services, member, cancellationToken), file.Id);
    }

    public Task<JsonElement> StartAsync(string run, string whenBusy, CancellationToken cancellationToken) => Socket.StartAsync(run, Input(run, whenBusy), cancellationToken);

    public Task<HttpResponseMessage> PostAsync(string run, string whenBusy, CancellationToken cancellationToken) =>
        Member.Http.PostAsJsonAsync("/api/agui", Input(run, whenBusy), cancellationToken);

    public async Task<JsonElement> CancelAsync(string run, CancellationToken cancellationToken)
    {
        var id = $"cancel-{_cancels++}";
        await Socket.SendAsync(new { type = "run.cancel", id, runId = run }, cancellationToken);
        return await Socket.AnswerToAsync(id, cancellationToken);
    }

    public async Task EndedAsync(IEnumerable<string> runs, CancellationToken cancellationToken)
    {
        foreach (var run in runs) await Socket.EndOfAsync(run, cancellationToken);
    }

    public async Task<List<string?>> StatusesAsync(IEnumerable<string> runs, CancellationToken cancellationToken)
    {
        var statuses = new List<string?>();
        foreach (var run in runs) statuses.Add(JsonElement.Parse(await Member.Http.GetStringAsync(new Uri($"/api/runs/{run}", UriKind.Relative), cancellationToken)).GetProperty("status").GetString());
        return statuses;
    }

    public async Task<int> CountRunsAsync(CancellationToken cancellationToken)
    {
        using var answer = await Member.Http.GetAsync(new Uri($"/api/threads/{Id}/runs", UriKind.Relative), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound ? 0 : (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("items").GetArrayLength();
    }

    public async ValueTask DisposeAsync()
    {
        await Socket.DisposeAsync();
        Member.Dispose();
    }

    private object Input(string run, string whenBusy) => new
    {
        threadId = Id,
        runId = run,
        messages = new[] { new { id = "m", role = "user", content = "All requests ran on gpt-4o. What did they cost?" } },
        forwardedProps = new { fileIds = (string[])[_file.ToString()], whenBusy },
    };
}
