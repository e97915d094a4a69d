using Microsoft.Extensions.Options;
using Throughline.Backend.Runs;

namespace Throughline.Backend.Threads;

/// <inheritdoc cref="IThreadGrain"/>
internal sealed partial class ThreadGrain(
    ThreadLog log, ThreadEraser eraser, LogAppender appender, RunStore runs, RunExecutor executor, IOptions<RunOptions> options, TimeProvider time, ILogger<ThreadGrain> logger)
    : Grain, IThreadGrain, IDisposable
{
    /// <summary>How long a stopping service waits for its runs to reach a point where they can be left.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(3);

    private const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly Queue<RunRecord> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private ThreadWriter _writer = null!;
    private ActiveRun? _active;

    private ThreadKey Key { get; set; }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Key = ThreadKey.Parse(this.GetPrimaryKeyString());
        _writer = new ThreadWriter(Key, appender, log, await log.HeadAsync(Key, cancellationToken) ?? 0);
        foreach (var run in await runs.OpenAsync(Key, cancellationToken)) _waiting.Enqueue(run);
        BeginNext();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_active is { } active) await active.Work.WaitAsync(LeaveWithin, time, cancellationToken).ConfigureAwait(Quietly);
    }

    public void Dispose() => _stopping.Dispose();

    public async Task<RunAcceptance> StartRunAsync(RunRequest request)
    {
        if (await KnownAsync(request) is { } known) return known;
        if (_waiting.Count >= options.Value.QueuedPerThread) return new(AcceptanceKind.QueueFull, Key.ThreadId, request.RunId, _writer.Head);

        var accept = new AcceptRun(request);
        var head = _writer.Head;
        try
        {
            await _writer.AppendAsync([], [accept], newThread: ThreadTitle.Of(request.Question));
        }
        catch (RequestKnownException)
        {
            return await KnownAsync(request) ?? Reused(request);
        }
        catch (AppendFailedException)
        {
            await _writer.RecoverAsync(CancellationToken.None);
            throw;
        }

        var input = System.Text.Json.JsonSerializer.Deserialize(request.Input, Contracts.WireJson.Default.RunAgentInput)!;
        _waiting.Enqueue(new RunRecord(
            accept.RunNo, Key, request.RunId, input, request.InputHash, RunStatus.Queued, accept.AcceptedAt, head, null, null, null, null, 0, false, null, request.Traceparent));
        Log.Accepted(logger, Key.ThreadId, request.RunId, head);
        BeginNext();
        return new RunAcceptance(AcceptanceKind.Accepted, Key.ThreadId, request.RunId, head);
    }

    public async Task<bool> CancelRunAsync(string runId)
    {
        if (_active?.Run.RunId != runId && _waiting.All(run => run.RunId != runId)) return false;
        await _writer.AppendAsync([], [new AskCancel(runId)]);
        if (_active?.Run.RunId == runId) await _active.Cancel.CancelAsync();
        for (var i = _waiting.Count; i > 0; i--)
        {
            var run = _waiting.Dequeue();
            _waiting.Enqueue(run.RunId == runId ? run with { CancelAsked = true } : run);
        }

        return true;
    }

    public Task WakeAsync() => Task.CompletedTask; // activation took up what is open

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

    public Task RunEndedAsync(string runId)
    {
        if (_active?.Run.RunId != runId) return Task.CompletedTask;
        _active.Cancel.Dispose();
        _active = null;
        BeginNext();
        return Task.CompletedTask;
    }

    private void BeginNext()
    {
        if (_active is not null || _stopping.IsCancellationRequested || !_waiting.TryDequeue(out var run)) return;
        DelayDeactivation(options.Value.Timeout + TimeSpan.FromMinutes(1));
        var cancel = new CancellationTokenSource();
        var self = this.AsReference<IThreadGrain>();
        _active = new ActiveRun(run, cancel, Task.Run(async () =>
        {
            try
            {
                await executor.ExecuteAsync(run, _writer, cancel.Token, _stopping.Token);
            }
            catch (Exception e)
            {
                // The run stays open in the database and is taken up at the next start; the thread goes on.
                Log.Broken(logger, e, run.RunId);
            }

            if (!_stopping.IsCancellationRequested) await self.RunEndedAsync(run.RunId);
        }));
    }

    private async Task<RunAcceptance?> KnownAsync(RunRequest request)
    {
        var known = await runs.RequestAsync(Key.UserId, request.RequestId, time.GetUtcNow(), CancellationToken.None);
        return known is null ? null
            : known.InputHash == request.InputHash ? new RunAcceptance(AcceptanceKind.Repeated, known.ThreadId, known.RunId, known.Head)
            : Reused(request);
    }

    private RunAcceptance Reused(RunRequest request) => new(AcceptanceKind.IdReused, Key.ThreadId, request.RunId, _writer.Head);

    private sealed record ActiveRun(RunRecord Run, CancellationTokenSource Cancel, Task Work);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Thread {ThreadId} accepted run {RunId} at seq {Seq}")]
        public static partial void Accepted(ILogger logger, string threadId, string runId, long seq);

        [LoggerMessage(2, LogLevel.Error, "Run {RunId} broke off")]
        public static partial void Broken(ILogger logger, Exception exception, string runId);
    }
}
