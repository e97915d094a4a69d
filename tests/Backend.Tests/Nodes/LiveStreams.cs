using System.Collections.Concurrent;
using Throughline.Analysis.Sample;
using Throughline.Client.Connection;
using Throughline.Client.Problems;
using Throughline.Client.Runs;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Nodes;

/// <summary>Many people who ask one question after the other, each in a thread and on a connection of its own, and who count what they see.</summary>
internal sealed class LiveStreams : IAsyncDisposable
{
    private const int StreamsPerUser = 8; // of ten sockets
    private const string Report = "Give me a full report: what did we spend by model, user, feature and day, and what should we change to save money?";

    private readonly List<TestUser> _users = [];
    private readonly List<LiveStream> _streams = [];

    public IReadOnlyList<LiveStream> Streams => _streams;

    public static async Task<LiveStreams> BeginAsync(ThreeNodes platform, int count, TimeSpan period, CancellationToken stop)
    {
        var all = new LiveStreams();
        var rows = await SampleAsync(stop);
        Guid file = default;
        for (var i = 0; i < count; i++)
        {
            if (i % StreamsPerUser == 0)
            {
                all._users.Add(await platform.SignUpAsync("stream", stop));
                file = (await all._users[^1].UploadAsync("usage.csv", rows, stop)).Id;
            }

            // Some take their time, so that a node's end meets them at work.
            var question = i % 4 == 0 ? new Question(Report) { FileIds = [file] } : new Question("What can you do?");
            var thread = $"thread-{i}";
            all._streams.Add(new LiveStream(new ThreadConnection(platform.PublicSocket, all._users[^1].Login), thread, question with { ThreadId = thread }));
        }

        // Spread, so that the load is even, and each user keeps to its messages a second.
        for (var i = 0; i < count; i++) all._streams[i].Begin(period * ((double)((i % StreamsPerUser * count / StreamsPerUser) + (i / StreamsPerUser)) / count), period, stop);
        foreach (var stream in all._streams) await stream.AnsweredAsync(1, stop);
        return all;
    }

    /// <summary>Waits until each has had so many more answers.</summary>
    public async Task AnswerOnAsync(int more, CancellationToken stop)
    {
        foreach (var (stream, until) in _streams.Select(stream => (stream, stream.Answered + more)).ToList()) await stream.AnsweredAsync(until, stop);
    }

    /// <summary>Asks no more, and waits for what is open.</summary>
    public Task EndAsync() => Task.WhenAll(_streams.Select(stream => stream.EndAsync()));

    private static async Task<byte[]> SampleAsync(CancellationToken stop)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("throughline-sample-").FullName, "usage.csv");
        try
        {
            await SampleGenerator.WriteFileAsync(path, SampleOptions.Default with { Rows = 5000 }, stop);
            return await File.ReadAllBytesAsync(path, stop);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams) await stream.DisposeAsync();
        foreach (var user in _users) await user.DisposeAsync();
    }
}

/// <summary>One of them.</summary>
internal sealed class LiveStream(ThreadConnection connection, string threadId, Question question) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _asking = new();
    private readonly CancellationTokenSource _reading = new();
    private readonly ConcurrentQueue<long> _seqs = new();
    private readonly ConcurrentDictionary<string, string> _outcomes = new();
    private readonly List<string> _asked = [];
    private readonly TaskCompletionSource _exists = Fresh();
    private TaskCompletionSource _next = Fresh();
    private Task _ask = Task.CompletedTask;
    private Task _read = Task.CompletedTask;
    private long _open; // when what is open was asked or last heard of; 0 while nothing is
    private TimeSpan _longestWait;

    public int Answered => _outcomes.Count;

    public IReadOnlyCollection<long> Seqs => _seqs;

    /// <summary>Outcome by run.</summary>
    public IReadOnlyDictionary<string, string> Outcomes => _outcomes;

    /// <summary>The runs that were acknowledged.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <summary>Between a question and its first event, or between two of them.</summary>
    public TimeSpan LongestWait => _longestWait;

    public void Begin(TimeSpan after, TimeSpan period, CancellationToken stop) => (_read, _ask) = (ReadAsync(), AskAsync(after, period, stop));

    public async Task AnsweredAsync(int count, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Answered >= count) return;
            try
            {
                await (await Task.WhenAny(next, _ask, _read).WaitAsync(limit.Token));
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                throw new TimeoutException($"{threadId} has {Answered} of {count} answers after {Patience.TotalSeconds} s; {_asked.Count} were acknowledged, the connection is {connection.State}.");
            }
        }
    }

    public async Task EndAsync()
    {
        await _asking.CancelAsync();
        await _ask;
        await AnsweredAsync(_asked.Count, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _asking.CancelAsync();
        await _reading.CancelAsync();
        await connection.DisposeAsync();
        await Task.WhenAll(_ask, _read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what failed has been awaited before
        _asking.Dispose();
        _reading.Dispose();
    }

    private async Task AskAsync(TimeSpan after, TimeSpan period, CancellationToken stop)
    {
        try
        {
            await Task.Delay(after, TimeProvider.System, _asking.Token);
            using var timer = new PeriodicTimer(period);
            do
            {
                Interlocked.CompareExchange(ref _open, TimeProvider.System.GetTimestamp(), 0);
                _asked.Add((await AskOnceAsync(question with { Id = Guid.CreateVersion7().ToString() }, stop)).RunId);
                _exists.TrySetResult();
            }
            while (await timer.WaitForNextTickAsync(_asking.Token));
        }
        catch (OperationCanceledException) when (_asking.IsCancellationRequested)
        {
            // Enough was asked.
        }
    }

    /// <summary>A refusal that says when to come back is no loss: nothing was acknowledged. The question keeps its id.</summary>
    private async Task<StartedRun> AskOnceAsync(Question question, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await connection.AskAsync(question, stop);
            }
            catch (ProtocolException refusal) when (refusal.RetryAfter is { } wait)
            {
                await Task.Delay(wait, TimeProvider.System, stop);
            }
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await _exists.Task.WaitAsync(_reading.Token); // the first question makes the thread
            await foreach (var entry in connection.ReadEventsAsync(threadId, 0, _reading.Token)) Take(entry);
        }
        catch (OperationCanceledException) when (_reading.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Take(LoggedEvent entry)
    {
        _seqs.Enqueue(entry.Seq);
        var now = TimeProvider.System.GetTimestamp();
        if (Interlocked.Read(ref _open) is > 0 and var heard && TimeProvider.System.GetElapsedTime(heard, now) is var waited && waited > _longestWait) _longestWait = waited;
        var ended = entry.ToAgUiEvent() switch
        {
            RunFinished finished => (finished.RunId, finished.Outcome.Type),
            RunError error => (error.Metadata!.Throughline.RunId, $"error {error.Code}"),
            _ => default((string RunId, string Outcome)?),
        };
        Interlocked.Exchange(ref _open, ended is null ? now : 0);
        if (ended is not { } end) return;
        if (!_outcomes.TryAdd(end.RunId, end.Outcome)) _outcomes[end.RunId] = "ended twice";
        Interlocked.Exchange(ref _next, Fresh()).SetResult();
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
