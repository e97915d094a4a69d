using System.Diagnostics;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Throughline.Backend.Runs;
using Throughline.Contracts.Traces;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

/// <inheritdoc cref="IThreadGrain"/>
[PreferLocalPlacement] // where its user is connected: then no event has to cross to another node
internal sealed partial class ThreadGrain(
    ThreadLog log, ThreadEraser eraser, LogAppender appender, RunStore runs, RunExecutor executor, RunMetrics metrics, IOptions<RunOptions> options, TimeProvider time, ILogger<ThreadGrain> logger)
    : Grain, IThreadGrain, IDisposable
{
    /// <summary>How long a stopping service waits for its runs to reach a point where they can be left.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(3);

    private static readonly ActivitySource Spans = new("Throughline.Backend.Threads");

    private const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly RunQueue _waiting = new(metrics);
    private readonly CancellationTokenSource _stopping = new();
    private ThreadWriter _writer = null!;
    private ActiveRun? _active;
    private volatile bool _hasBroken; // a run is open that nobody works on: none may begin before it

    private ThreadKey Key { get; set; }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Key = ThreadKey.Parse(this.GetPrimaryKeyString());
        _writer = new ThreadWriter(Key, appender, log, await log.HeadAsync(Key, cancellationToken) ?? 0);
        foreach (var run in await runs.OpenAsync(Key, cancellationToken)) _waiting.Add(run);
        BeginNext();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _waiting.Clear();
        if (_active is { } active) await active.Work.WaitAsync(LeaveWithin, time, cancellationToken).ConfigureAwait(Quietly);
    }

    public void Dispose() => _stopping.Dispose();

    public async Task<RunAcceptance> StartRunAsync(RunRequest request)
    {
        using var span = Spans.Begin("thread.accept", ActivityKind.Internal, Traceparent.Read(request.Traceparent));
        request = request with { Traceparent = span.Id }; // kept with the run: whoever works on it goes on here
        if (await KnownAsync(request) is { } known) return known;
        // By the database: whoever has seen a run's end may count on it, although its work may not have returned.
        var isBusy = request.WhenBusy != WhenBusy.Queue && (await runs.OpenAsync(Key, CancellationToken.None)).Count > 0;
        if (isBusy && request.WhenBusy == WhenBusy.Reject) return Refused(AcceptanceKind.Busy, request);
        var gives = isBusy && request.WhenBusy == WhenBusy.Interrupt;
        if (!gives && _waiting.Count >= options.Value.QueuedPerThread) return Refused(AcceptanceKind.QueueFull, request);

        var accept = new AcceptRun(request);
        var head = _writer.Head;
        try
        {
            // Together: where the new run is durable, the wish that the others end is too.
            await _writer.AppendAsync([], gives ? [new AskCancelAll(), accept] : [accept], newThread: ThreadTitle.Of(request.Question));
        }
        catch (RequestKnownException)
        {
            return await KnownAsync(request) ?? Refused(AcceptanceKind.IdReused, request);
        }
        catch (RequestRefusedException e)
        {
            return Refused(e.Kind, request);
        }
        catch (AppendFailedException)
        {
            await _writer.RecoverAsync(CancellationToken.None);
            throw;
        }

        if (gives) await CancelAllAsync();
        var input = System.Text.Json.JsonSerializer.Deserialize(request.Input, Contracts.WireJson.Default.RunAgentInput)!;
        _waiting.Add(new RunRecord(
            accept.RunNo, Key, request.RunId, input, request.InputHash, RunStatus.Queued, accept.AcceptedAt, head, null, null, null, null, 0, false, null, request.Traceparent));
        metrics.Accepted();
        Log.Accepted(logger, Key.ThreadId, request.RunId, head);
        BeginNext();
        return new RunAcceptance(AcceptanceKind.Accepted, Key.ThreadId, request.RunId, head);
    }

    public async Task<bool> CancelRunAsync(string runId)
    {
        if (_active?.Run.RunId != runId && !_waiting.Contains(runId)) return false;
        await _writer.AppendAsync([], [new AskCancel(runId)]);
        if (_active?.Run.RunId == runId) await _active.Cancel.CancelAsync();
        _waiting.Cancel(runId);
        return true;
    }

    public async Task WakeAsync()
    {
        EndWhatIsDone();
        if (_active is not null) return;
        // The database is the truth: it may hold a run that broke off, or whose acceptance failed on the way back.
        var open = await runs.OpenAsync(Key, CancellationToken.None);
        await _writer.RecoverAsync(CancellationToken.None);
        _waiting.Clear();
        foreach (var run in open) _waiting.Add(run);
        _hasBroken = false;
        BeginNext();
    }

    public async Task<bool> DeleteAsync()
    {
        _waiting.Clear();
        if (_active is { } active)
        {
            await active.Cancel.CancelAsync();
            await active.Work.ConfigureAwait(Quietly);
        }

        DeactivateOnIdle();
        return await eraser.EraseAsync(Key, CancellationToken.None);
    }

    public async Task<bool> DeleteIfIdleAsync(DateTimeOffset since) =>
        _active is null && _waiting.Count == 0 && await eraser.IsIdleAsync(Key, since, CancellationToken.None) && await DeleteAsync();

    public Task RunEndedAsync()
    {
        EndWhatIsDone();
        BeginNext();
        return Task.CompletedTask;
    }

    private void EndWhatIsDone()
    {
        if (_active is not { Work.IsCompleted: true }) return;
        _active.Cancel.Dispose();
        _active = null;
    }

    private void BeginNext()
    {
        if (_active is not null || _hasBroken || _stopping.IsCancellationRequested || _waiting.Take() is not { } run) return;
        DelayDeactivation(options.Value.Timeout + TimeSpan.FromMinutes(1));
        var cancel = new CancellationTokenSource();
        var work = Task.Run(() => WorkAsync(run, cancel.Token));
        // Apart from the work: whoever deletes the thread waits for the work, in a turn that the announcement has to wait for.
        _active = new ActiveRun(run, cancel, work, AnnounceEndAsync(work, this.AsReference<IThreadGrain>()));
    }

    private async Task WorkAsync(RunRecord run, CancellationToken cancelled)
    {
        try
        {
            await executor.ExecuteAsync(run, _writer, cancelled, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Left open, for whoever activates the thread next.
        }
        catch (Exception e)
        {
            // Open in the database, where the next look for open runs finds it.
            _hasBroken = true;
            Log.Broken(logger, e, run.RunId);
        }
    }

    private async Task AnnounceEndAsync(Task work, IThreadGrain self)
    {
        await work;
        if (_stopping.IsCancellationRequested) return;
        try
        {
            await self.RunEndedAsync();
        }
        catch (Exception e)
        {
            // The next run begins a little later: when the thread is woken.
            Log.NotAnnounced(logger, Key.ThreadId, e.Message);
        }
    }

    private async Task<RunAcceptance?> KnownAsync(RunRequest request)
    {
        var known = await runs.RequestAsync(Key.UserId, request.RequestId, time.GetUtcNow(), CancellationToken.None);
        return known is null ? null
            : known.InputHash == request.InputHash ? new RunAcceptance(AcceptanceKind.Repeated, known.ThreadId, known.RunId, known.Head)
            : Refused(AcceptanceKind.IdReused, request);
    }

    private RunAcceptance Refused(AcceptanceKind kind, RunRequest request) => new(kind, Key.ThreadId, request.RunId, _writer.Head);

    private async Task CancelAllAsync()
    {
        _waiting.CancelAll();
        if (_active is { } active) await active.Cancel.CancelAsync();
    }

    private sealed record ActiveRun(RunRecord Run, CancellationTokenSource Cancel, Task Work, Task Announcement);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Thread {ThreadId} accepted run {RunId} at seq {Seq}")]
        public static partial void Accepted(ILogger logger, string threadId, string runId, long seq);

        [LoggerMessage(2, LogLevel.Error, "Run {RunId} broke off")]
        public static partial void Broken(ILogger logger, Exception exception, string runId);

        [LoggerMessage(3, LogLevel.Warning, "Thread {ThreadId} was not told of its run's end: {Reason}")]
        public static partial void NotAnnounced(ILogger logger, string threadId, string reason);
    }
}
