using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Traces;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Runs;

/// <summary>Takes a run from RUN_STARTED to its end, or from where an earlier attempt left it.</summary>
internal sealed partial class RunExecutor(
    RunStore runs, ThreadLog log, RunBackgrounds backgrounds, IAgentPipeline pipeline, RunsAtWork atWork, NodeLease lease, RunMetrics metrics,
    IOptions<RunOptions> options, IOptions<ActionOptions> actions, TimeProvider time, ILogger<RunExecutor> logger)
{
    private static readonly ActivitySource Spans = new("Throughline.Backend.Runs");
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <param name="cancelled">The user's wish: the run ends as cancelled.</param>
    /// <param name="stopping">The service's end: the run stays open, and whoever activates the thread next goes on with it.</param>
    public async Task ExecuteAsync(RunRecord run, ThreadWriter writer, CancellationToken cancelled, CancellationToken stopping)
    {
        // The place in its trace is the run's own, written down with it: whichever process works on it goes on in the same trace.
        using var span = Spans.Begin("run", ActivityKind.Internal, Traceparent.Read(run.Traceparent))
            .SetTag("throughline.thread.id", run.Thread.ThreadId).SetTag("throughline.run.id", run.RunId).SetTag("throughline.run.attempt", run.Attempts + 1);
        using var stay = atWork.Enter(run.Thread);
        var wait = ShortestWait;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await AttemptAsync(run, writer, cancelled, stopping);
                return;
            }
            catch (Exception e) when (e is AppendFailedException or DbException)
            {
                // As after a crash: the log is read again, and what is missing is done.
                Log.AppendFailed(logger, run.RunId, e.Message);
                await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = Longer(wait);
                if (await ReadAgainAsync(run, writer, stopping) is not { FinishedAt: null } again) return;
                run = again;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                Log.LeftOpen(logger, run.RunId);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;

    private async Task<RunRecord?> ReadAgainAsync(RunRecord run, ThreadWriter writer, CancellationToken stopping)
    {
        for (var wait = ShortestWait; ; wait = Longer(wait))
        {
            try
            {
                await writer.RecoverAsync(stopping);
                return await runs.FindAsync(run.Thread.UserId, run.RunId, stopping);
            }
            catch (DbException e)
            {
                Log.AppendFailed(logger, run.RunId, e.Message);
                await Task.Delay(wait, time, stopping);
            }
        }
    }

    private async Task AttemptAsync(RunRecord run, ThreadWriter writer, CancellationToken cancelled, CancellationToken stopping)
    {
        List<LogEntry> written = [];
        var steps = new Dictionary<string, byte[]>();
        if (run.FirstSeq is { } first)
        {
            await foreach (var entry in log.ReadAllAsync(run.Thread, first, stopping)) written.Add(entry);
            steps = await runs.StepsAsync(run.RunNo, stopping);
            await writer.AppendAsync([], [new CountAttempt(run.RunNo, lease)]);
        }

        var journal = new RunJournal(
            run with { StartedAt = run.StartedAt ?? TrimToMilliseconds(time.GetUtcNow()) }, await backgrounds.OfAsync(run, stopping), writer, written, steps, time);
        if (run.FirstSeq is null) await BeginAsync(run, journal, writer);
        metrics.TakenUp(isResumed: run.FirstSeq is not null);
        Log.Began(logger, run.RunId, run.Attempts + 1, Activity.Current?.TraceId.ToHexString() ?? "none");

        if (run.CancelAsked || cancelled.IsCancellationRequested) await EndCancelledAsync(run, journal);
        else if (run.Attempts >= options.Value.Attempts) await EndFailedAsync(run, journal, "internal", "This question stopped the service each time it was tried. Ask it in another way.");
        else await RunPipelineAsync(run, journal, cancelled, stopping);
    }

    private Task BeginAsync(RunRecord run, RunJournal journal, ThreadWriter writer)
    {
        var started = journal.Stamp(new RunStarted(run.Thread.ThreadId, run.RunId, run.Input));
        return writer.AppendAsync([RunJournal.Encode(started)], [new BeginRun(run.RunNo, journal.StartedAt, journal.Question, lease)]);
    }

    private async Task RunPipelineAsync(RunRecord run, RunJournal journal, CancellationToken cancelled, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, stopping, timeout.Token);
        try
        {
            // A pipeline may be slow to hear its token; the run is not. What it emits later is refused by the journal.
            var result = await Task.Run(() => pipeline.RunAsync(journal, either.Token), either.Token).WaitAsync(either.Token);
            if (!journal.IsCaughtUp) throw new JournalDivergedException(run.FirstSeq ?? 0);
            var raised = result.Proposed is { } proposed ? new RaiseInterrupt(journal.IdFor("interrupt").ToString(), proposed, time.GetUtcNow() + actions.Value.AnswerWithin) : null;
            await EndAsync(run, journal, new RunFinished(run.Thread.ThreadId, run.RunId, OutcomeOf(raised), result.Result, result.Usage), result.Result.Status, result, raised);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            journal.Seal();
            throw;
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            await EndCancelledAsync(run, journal);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            await EndFailedAsync(run, journal, "timeout", $"The run took longer than {options.Value.Timeout.TotalSeconds:0} seconds and was stopped. Ask for less at once.");
        }
        catch (ContentAwayException e)
        {
            Log.FilesAway(logger, run.RunId, e.Message);
            await EndFailedAsync(run, journal, "unavailable", "The files of this question cannot be read just now: the object storage does not answer. Ask again in a little while.");
        }
        catch (AppendFailedException)
        {
            journal.Seal(); // what this attempt still does must not mix with the next one's
            throw;
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, run.RunId);
            await EndFailedAsync(run, journal, "internal", "The run failed through no fault of yours. Ask again; if it fails again, the service's log has the reason.");
        }
    }

    private Task EndCancelledAsync(RunRecord run, RunJournal journal) =>
        EndAsync(run, journal, new RunFinished(run.Thread.ThreadId, run.RunId, new RunOutcome("cancelled"), new RunResult(RunStatus.Cancelled)), RunStatus.Cancelled, null);

    private Task EndFailedAsync(RunRecord run, RunJournal journal, string code, string message) =>
        EndAsync(run, journal, new RunError(message, code), RunStatus.Failed, null);

    private static RunOutcome OutcomeOf(RaiseInterrupt? raised) => raised is { Action: var action }
        ? new("interrupt", [new Interrupt(
            raised.InterruptId, "tool_call", action.Question, action.ToolCallId, ActionAnswer.Schema, raised.ExpiresAt, new(new Proposal(action.Kind, action.Changes)))])
        : new("success");

    private async Task EndAsync(RunRecord run, RunJournal journal, AgUiEvent last, string status, AgentResult? result, RaiseInterrupt? raised = null)
    {
        await journal.EndAsync(last, status, result?.Usage, result?.Result.Quality, raised);
        Activity.Current?.SetTag("throughline.run.status", status);
        if (status == RunStatus.Failed) Activity.Current?.SetStatus(ActivityStatusCode.Error);
        metrics.Ended(time.GetUtcNow() - journal.StartedAt, status);
        Log.Ended(logger, run.RunId, status);
    }

    private static DateTimeOffset TrimToMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} begins, attempt {Attempt}, trace {TraceId}")]
        public static partial void Began(ILogger logger, string runId, int attempt, string traceId);

        [LoggerMessage(2, LogLevel.Information, "Run {RunId} ended as {Status}")]
        public static partial void Ended(ILogger logger, string runId, string status);

        [LoggerMessage(3, LogLevel.Information, "Run {RunId} is left open for the next start")]
        public static partial void LeftOpen(ILogger logger, string runId);

        [LoggerMessage(4, LogLevel.Warning, "Run {RunId} could not be written and is taken up again: {Reason}")]
        public static partial void AppendFailed(ILogger logger, string runId, string reason);

        [LoggerMessage(6, LogLevel.Warning, "Run {RunId} could not read its files: {Reason}")]
        public static partial void FilesAway(ILogger logger, string runId, string reason);

        [LoggerMessage(5, LogLevel.Error, "Run {RunId} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string runId);
    }
}
