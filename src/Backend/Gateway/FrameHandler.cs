using System.Diagnostics;
using System.Text.Json;
using Throughline.Backend.Limits;
using Throughline.Backend.Overload;
using Throughline.Backend.Runs;
using Throughline.Backend.Threads;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Contracts.Traces;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Answers client frames.</summary>
internal sealed partial class FrameHandler(
    RunStarter starter, RunCanceller canceller, ThreadLog log, AccessTokenVerifier verifier, LoadShedder load, GatewayMetrics metrics, ILogger<FrameHandler> logger)
{
    private static readonly ActivitySource Spans = new("Throughline.Backend.Gateway");

    public async Task HandleAsync(Connection connection, FrameTally tally, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        ErrorFrame? error;
        string? id = null;
        try
        {
            var frame = FrameParser.Parse(json);
            id = frame.Id;
            error = await AnswerAsync(connection, frame, cancellationToken);
        }
        catch (FrameException e)
        {
            error = new ErrorFrame(e.Code, e.Message, e.Id);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e, JsonEncodedText.Encode(id ?? "").ToString()); // a client's own text: nothing in it may end the line
            error = Unavailability.Is(e)
                ? new ErrorFrame("unavailable", "The service cannot keep this just now. Try again.", id, 1000)
                : new ErrorFrame("internal", "The service failed to handle this frame.", id);
        }

        if (error is not null)
        {
            metrics.Refused(error.Code);
            connection.Send(error);
        }

        if (tally.Count(error?.Code) is { } reason) connection.Close(reason);
    }

    private async Task<ErrorFrame?> AnswerAsync(Connection connection, ClientFrame frame, CancellationToken cancellationToken)
    {
        if (!SocketScopes.Allows(connection.Token, frame)) return new ErrorFrame("insufficient_scope", "This API key may only read.", frame.Id);
        switch (frame)
        {
            case Ping ping:
                connection.Send(new Pong(ping.T, ping.Id));
                return null;
            case StartRun start:
                return await StartAsync(connection, start, cancellationToken);
            case CancelRun cancel:
                return await CancelAsync(connection, cancel, cancellationToken);
            case ResumeRun resume:
                return await ResumeAsync(connection, resume, cancellationToken);
            case SubscribeThread subscribe:
                return await SubscribeAsync(connection, subscribe, cancellationToken);
            case UnsubscribeThread unsubscribe:
                connection.Unsubscribe(unsubscribe.ThreadId);
                connection.Send(new Ack(unsubscribe.Id, unsubscribe.ThreadId));
                return null;
            case RefreshToken refresh:
                return await RefreshAsync(connection, refresh, cancellationToken);
            default:
                throw new InvalidOperationException($"{frame.GetType().Name} has no answer.");
        }
    }

    /// <summary>In a trace of its own: the span around it is the socket's, which lives for hours and has many runs.</summary>
    private async Task<ErrorFrame?> StartAsync(Connection connection, StartRun start, CancellationToken cancellationToken)
    {
        if (load.Sheds(Work.Ask)) return new ErrorFrame("unavailable", OverloadProblems.Asking, start.Id, (long)OverloadProblems.RetryAfter.TotalMilliseconds);
        ActivityLink[] socket = Activity.Current is { } request ? [new(request.Context)] : [];
        using var span = Spans.Begin("run.start", ActivityKind.Server, Traceparent.Read(start.Traceparent), socket);
        var outcome = await starter.StartAsync(connection.Token, start.Id ?? Guid.CreateVersion7().ToString(), start.Input, cancellationToken);
        if (outcome.Code is { } code)
        {
            span.SetStatus(ActivityStatusCode.Error, code);
            return new ErrorFrame(code, outcome.Message!, start.Id, (long?)outcome.RetryAfter?.TotalMilliseconds);
        }

        span.SetTag("throughline.thread.id", outcome.ThreadId).SetTag("throughline.run.id", outcome.RunId);
        connection.Send(new Ack(start.Id, outcome.ThreadId, outcome.RunId, outcome.Seq));
        if (!connection.IsSubscribed(outcome.ThreadId!)) connection.Subscribe(outcome.ThreadId!, start.Id, outcome.Seq);
        return null;
    }

    /// <summary>An answer is a run like any other, whose input has no message.</summary>
    private async Task<ErrorFrame?> ResumeAsync(Connection connection, ResumeRun resume, CancellationToken cancellationToken)
    {
        if (await log.HeadAsync(ThreadKey.Of(connection.Token, resume.ThreadId), cancellationToken) is null) return NoSuchThread(resume.Id);
        if (resume.Resume.Count == 0) return new ErrorFrame("interrupt_not_pending", "resume answers nothing: give the id of what waits.", resume.Id);
        return await StartAsync(connection, new StartRun(new RunAgentInput(resume.ThreadId, Resume: resume.Resume)) { Id = resume.Id }, cancellationToken);
    }

    private async Task<ErrorFrame?> CancelAsync(Connection connection, CancelRun cancel, CancellationToken cancellationToken)
    {
        switch (await canceller.CancelAsync(connection.Token.UserId, cancel.RunId, cancellationToken))
        {
            case CancelOutcome.Asked asked:
                connection.Send(new Ack(cancel.Id, asked.ThreadId, cancel.RunId));
                return null;
            case CancelOutcome.NotActive:
                return new ErrorFrame("run_not_active", "The run has ended.", cancel.Id);
            default:
                return new ErrorFrame("not_found", "There is no such run.", cancel.Id);
        }
    }

    private async Task<ErrorFrame?> SubscribeAsync(Connection connection, SubscribeThread subscribe, CancellationToken cancellationToken)
    {
        if (await log.HeadAsync(ThreadKey.Of(connection.Token, subscribe.ThreadId), cancellationToken) is not { } head) return NoSuchThread(subscribe.Id);
        if (subscribe.After > head)
            return new ErrorFrame("log_incomplete", $"This thread ends with event {head}, so it was put back to an earlier state. Read it again from the first.", subscribe.Id);
        connection.Send(new Subscribed(subscribe.ThreadId, head, subscribe.Id));
        connection.Subscribe(subscribe.ThreadId, subscribe.Id, subscribe.After ?? head);
        return null;
    }

    private async Task<ErrorFrame?> RefreshAsync(Connection connection, RefreshToken refresh, CancellationToken cancellationToken)
    {
        var verdict = await verifier.VerifyAsync(refresh.Token, cancellationToken);
        // An API key that cannot be checked is not refused: what the socket holds is good until it ends.
        if (verdict.Reason == Refusals.Unavailable)
            return new ErrorFrame("unavailable", "API keys cannot be checked just now. Try again.", refresh.Id, 1000);
        var isSame = verdict.Token?.UserId == connection.Token.UserId && verdict.Token.SessionId == connection.Token.SessionId;
        if (verdict.Token is not { } token || !isSame)
        {
            connection.Close(CloseReason.InvalidToken(verdict.Reason ?? "another_session"));
            return null;
        }

        (connection.Token, connection.IsExpiryAnnounced) = (token, false);
        connection.Send(new Ack(refresh.Id));
        return null;
    }

    private static ErrorFrame NoSuchThread(string? id) => new("not_found", "There is no such thread.", id);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Frame {Id} could not be handled")]
        public static partial void Failed(ILogger logger, Exception exception, string id);
    }
}
