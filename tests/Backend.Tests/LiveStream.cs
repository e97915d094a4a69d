using System.Collections.Concurrent;
using Throughline.Client.Connection;
using Throughline.Client.Problems;
using Throughline.Client.Runs;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Tests;

/// <summary>Somebody who asks one question after the other in one thread, on a connection that resumes by itself, and counts what comes.</summary>
internal sealed class LiveStream(ThreadConnection connection, string threadId, Question question) : IAsyncDisposable
{
    /// <summary>For an answer, after its question.</summary>
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
    private TimeSpan _period;
    private long _open; // when what is open was asked or last heard of; 0 while nothing is
    private long _longestWait; // ticks

    public int Answered => _outcomes.Count;

    /// <summary>Events that came.</summary>
    public int Events => _seqs.Count;

    /// <summary>Between a question and its first event, or between two of them; since the beginning, or the last <see cref="MeasureAnew"/>.</summary>
    public TimeSpan LongestWait => new(Interlocked.Read(ref _longestWait));

    /// <summary>Forgets the waits that are over: what comes next is meant.</summary>
    public void MeasureAnew() => Interlocked.Exchange(ref _longestWait, 0);

    /// <summary>What was acknowledged is answered, once, in order and without a gap.</summary>
    public void AssertWhole()
    {
        Assert.Equal(Enumerable.Range(1, _seqs.Count).Select(n => (long)n), _seqs);
        Assert.Equal(_asked.Order(StringComparer.Ordinal), _outcomes.Keys.Order(StringComparer.Ordinal));
        Assert.All(_outcomes, outcome => Assert.Equal("success", outcome.Value));
    }

    public void Begin(TimeSpan after, TimeSpan period, CancellationToken stop) => (_period, _read, _ask) = (period, ReadAsync(), AskAsync(after, period, stop));

    public async Task AnsweredAsync(int count, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var patience = (_period * Math.Max(1, count - Answered)) + Patience;
        limit.CancelAfter(patience);
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
                throw new TimeoutException($"{threadId} has {Answered} of {count} answers after {patience.TotalSeconds} s; {_asked.Count} were acknowledged, the connection is {connection.State}.");
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
        if (Interlocked.Read(ref _open) is > 0 and var heard && TimeProvider.System.GetElapsedTime(heard, now) is var waited && waited > LongestWait)
            Interlocked.Exchange(ref _longestWait, waited.Ticks);
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
