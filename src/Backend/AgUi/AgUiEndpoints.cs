using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Backend.Gateway;
using Throughline.Backend.Limits;
using Throughline.Backend.Runs;
using Throughline.Backend.Threads;
using Throughline.Contracts.Agents;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.AgUi;

/// <summary>AG-UI over HTTP: <c>RunAgentInput</c> in, server-sent events out. The same log and the same events as <c>/ws</c>.</summary>
internal static class AgUiEndpoints
{
    public static IServiceCollection AddAgUi(this IServiceCollection services) => services.AddSingleton<ThreadTail>();

    public static void MapAgUi(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/agui").RequireAuthorization().WithTags("AG-UI");
        group.MapPost("", RunAsync);
        group.MapGet("/capabilities", () => TypedResults.Ok(Capabilities.Own));
    }

    private static async Task<IResult> RunAsync(
        RunAgentInput input, HttpContext context, RunStore runs, RunStarter starter, ThreadLog log, ThreadTail tail, LiveAnswers answers, IRevocations revocations)
    {
        var caller = context.AccessToken();
        var after = -1L;
        if (context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
            return NoSuchEvent();

        // The same (threadId, runId) again attaches: to one that is under way, and to one that has ended.
        if (input is { RunId: { } runId, ThreadId: { } threadId } && await runs.FindAsync(caller.UserId, runId, context.RequestAborted) is { } known)
        {
            if (known.Thread.ThreadId != threadId) return AgUiProblems.Of("id_reused", "This runId was used in another thread.", null, context);
            if (after > await log.HeadAsync(known.Thread, context.RequestAborted)) return NoSuchEvent();
            if (known.LastSeq <= after) return TypedResults.NoContent(); // it has all, and need not come again: https://html.spec.whatwg.org/multipage/server-sent-events.html
            await StreamAsync(context, tail, known.Thread, runId, Math.Max(after, known.AcceptedHead), answers, revocations);
            return Results.Empty;
        }

        var start = await starter.StartAsync(caller, $"agui {input.ThreadId} {input.RunId ?? Guid.CreateVersion7().ToString()}", input, context.RequestAborted);
        if (start is { Code: "rate_limited", Charge: { } refused }) return RateLimitFields.Refuse(context, refused.Verdict);
        if (start.Charge is { } charge) RateLimitFields.Write(context, charge.Verdict);
        if (start.Code is { } code) return AgUiProblems.Of(code, start.Message!, start.RetryAfter, context);
        await StreamAsync(context, tail, ThreadKey.Of(caller, start.ThreadId!), start.RunId!, start.Seq, answers, revocations);
        return Results.Empty;
    }

    private static ProblemHttpResult NoSuchEvent() => Problems.Invalid("Last-Event-ID", "Last-Event-ID is the id of an event of this run.");

    private static async Task StreamAsync(
        HttpContext context, ThreadTail tail, ThreadKey thread, string runId, long after, LiveAnswers answers, IRevocations revocations)
    {
        using var watch = answers.Watch(context, revocations);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        try
        {
            await foreach (var entry in tail.ReadAsync(thread, after, context.RequestAborted))
            {
                var @event = RunJournal.Read(entry);
                if (@event.Metadata?.Throughline.RunId != runId) continue;
                await WriteAsync(context, string.Create(CultureInfo.InvariantCulture, $"id: {entry.Seq}\n"), entry.Event);
                if (@event is RunFinished or RunError) return;
            }
        }
        catch (LogGapException e)
        {
            await WriteAsync(context, "", RunJournal.Encode(new RunError(e.Message, e.Code))); // in no log, so without an id to go on after
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader left; the run goes on.
        }
    }

    private static async Task WriteAsync(HttpContext context, string id, ReadOnlyMemory<byte> @event)
    {
        var body = context.Response.BodyWriter;
        Write(body, Encoding.ASCII.GetBytes($"{id}data: "));
        Write(body, @event.Span);
        Write(body, "\n\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }

    private static void Write(System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}

/// <summary>Protocol codes as HTTP statuses.</summary>
internal static class AgUiProblems
{
    public static IResult Of(string code, string message, TimeSpan? retryAfter, HttpContext context)
    {
        if (retryAfter is { } wait) context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(code switch
        {
            "not_found" => StatusCodes.Status404NotFound,
            "id_reused" or "interrupt_not_pending" or "interrupt_pending" or "thread_busy" => StatusCodes.Status409Conflict,
            "rate_limited" => StatusCodes.Status429TooManyRequests,
            "message_too_long" => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status400BadRequest,
        }, code, message);
    }
}
