using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Client.Connection;
using Throughline.Contracts.Threads;

namespace Throughline.Verify.Checks.Persistence;

/// <summary>A run that is in flight while the backend dies, followed by the product's own client, which has to find back by itself.</summary>
internal sealed class Flight : IAsyncDisposable
{
    /// <summary>Where the end of the run is waited for in vain.</summary>
    public const string NotTakenUp = "the run that was in flight did not come to its end";

    private readonly CheckRun _run;
    private readonly Asker _asker;
    private readonly ThreadConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LoggedEvent> _read = [];
    private readonly Lock _gate = new();
    private readonly string _threadId;
    private readonly long _after;
    private readonly string _runId;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _back = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private bool _wasAway;

    private Flight(CheckRun run, Asker asker, ThreadConnection connection, Started started)
    {
        (_run, _asker, _connection, _threadId, _after, _runId) = (run, asker, connection, started.ThreadId, started.Seq, started.RunId);
        connection.StateChanged += state =>
        {
            if (state.Phase == ConnectionPhase.Reconnecting) _wasAway = true;
            else if (state.Phase == ConnectionPhase.Live && _wasAway) _back.TrySetResult();
        };
        _reading = ReadAsync();
    }

    public static async Task<Flight> BeginAsync(CheckRun run, Asker asker, Started earlier, CancellationToken cancellationToken)
    {
        var connection = new ThreadConnection(run.System.Socket, asker.Member);
        connection.Start();
        await using var socket = await asker.Member.ConnectAsync(cancellationToken);
        var started = await Asking.AskAsync(
            socket, Asking.FullReport, cancellationToken, $"flight-{Guid.NewGuid():N}", [asker.FileId]);
        var flight = new Flight(run, asker, connection, started);
        await socket.UntilAsync("the run to begin", f => ProbeSocket.RunOf(f) == started.RunId, cancellationToken);
        return flight;
    }

    public async Task ReconnectedAsync(Probe probe, long killed, CancellationToken cancellationToken)
    {
        await _back.Task.WaitAsync(cancellationToken);
        probe.Measure(_run.Time.GetElapsedTime(killed).TotalMilliseconds, 10_000, "ms");
    }

    /// <summary>By hand: the product's client would ask again for what it lacks.</summary>
    public async Task ReplayedAsync(Probe probe, CancellationToken cancellationToken)
    {
        long after, last;
        lock (_gate) (after, last) = (_read[_read.Count / 2].Seq, _read[^1].Seq);
        await using var socket = await _asker.Member.ConnectAsync(cancellationToken);
        await socket.AskAsync(new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = _threadId, ["after"] = after }, cancellationToken);
        await socket.UntilAsync($"event {last}", f => ProbeSocket.TypeOf(f) == "event" && f.Number("seq") == last, cancellationToken);
        Asking.RequireDense(probe, socket.EventsOf(_threadId), after);
    }

    public async Task EndedAsync(Probe probe, CancellationToken cancellationToken)
    {
        try
        {
            await _ended.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(NotTakenUp);
        }

        List<LoggedEvent> read;
        lock (_gate) read = [.. _read];
        Asking.RequireDense(probe, [.. read.Select(e => e.Seq)], _after);
        var stored = (await _asker.Member.GetAsync($"/api/threads/{_threadId}/events?after={_after}&limit=1000", cancellationToken)).Expect(200).Json.Items().ToList();
        probe.Equal("the events that are kept", stored.Count, read.Count);
        foreach (var (mine, kept) in read.Zip(stored))
            probe.That(JsonElement.DeepEquals(kept.Member("event"), mine.Event), $"event {mine.Seq} is kept as {kept.Member("event")}, and the client got {mine.Event}");
        var ends = read.Where(e => e.Event.FindText("type") is "RUN_FINISHED" or "RUN_ERROR").ToList();
        probe.Equal("the number of ends", 1, ends.Count);
        probe.Equal("the run's status", "completed", ends[0].Event.Find("result")?.FindText("status"));
        _asker.Usage.RequireFigures(probe, ends[0].Event.Member("result"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var entry in _connection.ReadEventsAsync(_threadId, _after, _stop.Token))
        {
            lock (_gate) _read.Add(entry);
            if (entry.Event.FindText("type") is "RUN_FINISHED" or "RUN_ERROR" && entry.Event.Find("metadata")?.Find("throughline")?.FindText("runId") == _runId) _ended.TrySetResult();
        }
    }
}
