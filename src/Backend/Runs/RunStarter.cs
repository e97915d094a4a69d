using System.Diagnostics;
using System.Text.Json;
using Throughline.Backend.Files;
using Throughline.Backend.Limits;
using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Runs;

/// <summary>Accepts runs, whichever way they come: checks, charges, hands them to the thread.</summary>
internal sealed class RunStarter(ThreadGrains grains, RunStore runs, FileStore files, MessageLimit limit, TimeProvider time)
{
    /// <param name="requestId">The idempotency key.</param>
    public async Task<RunStart> StartAsync(AccessToken caller, string requestId, RunAgentInput sent, CancellationToken cancellationToken)
    {
        var userId = caller.UserId;
        if (RunInput.TryRead(sent, out var problem) is not { } input) return RunStart.Refused(problem!.Code, problem.Message);
        if (await runs.RequestAsync(userId, requestId, time.GetUtcNow(), cancellationToken) is { } known)
            return known.InputHash == input.Hash ? RunStart.Accepted(known.ThreadId, known.RunId, known.Head) : Reused;
        if (await files.MissingAsync(userId, input.FileIds, cancellationToken) is { } missing)
            return RunStart.Refused("not_found", $"There is no file {missing}. Upload it again, or leave it out.");

        var thread = ThreadKey.Of(caller, input.Normal.ThreadId!);
        // The thread decides; this look spares the charge.
        if (input.WhenBusy == WhenBusy.Reject && (await runs.OpenAsync(thread, cancellationToken)).Count > 0) return Busy;

        // The key is the charge's name: a repeat that races with its first is charged once. What answers an interrupt was charged as a question.
        var charge = input.Answers.Count > 0 ? null : await limit.ChargeAsync(userId, requestId, cancellationToken);
        if (charge is { IsAllowed: false })
            return RunStart.Refused("rate_limited", charge.Refusal, charge.RetryAfter) with { Charge = charge };

        var request = new RunRequest(
            requestId, input.Normal.RunId!, JsonSerializer.SerializeToUtf8Bytes(input.Normal, WireJson.Default.RunAgentInput), input.Hash, input.Question, Activity.Current?.Id,
            input.WhenBusy, [.. input.Answers]);
        var acceptance = await grains.CallAsync(thread, grain => grain.StartRunAsync(request));
        return acceptance.Kind switch
        {
            AcceptanceKind.Accepted or AcceptanceKind.Repeated => RunStart.Accepted(acceptance.ThreadId, acceptance.RunId, acceptance.Seq) with { Charge = charge },
            AcceptanceKind.IdReused => Reused,
            AcceptanceKind.QueueFull => RunStart.Refused("rate_limited", "Too many questions wait in this thread.", TimeSpan.FromSeconds(5)),
            AcceptanceKind.Busy => Busy,
            AcceptanceKind.InterruptPending => RunStart.Refused("interrupt_pending", "This thread waits for your answer. Approve or decline what it asks, then ask again."),
            AcceptanceKind.InterruptNotPending => RunStart.Refused("interrupt_not_pending", "Nothing in this thread waits for this answer: it was answered already, or came too late. Ask for the change again if you still want it."),
        };
    }

    private static RunStart Busy => RunStart.Refused("thread_busy", "This thread is at work on another question. Wait for its answer, or cancel it, then ask again.");

    private static RunStart Reused => RunStart.Refused("id_reused", "This id was used for another question.");
}

/// <summary>Either the acknowledgement, or a code of protocol §4 with its message.</summary>
internal sealed record RunStart(string? ThreadId, string? RunId, long Seq, string? Code, string? Message, TimeSpan? RetryAfter)
{
    /// <summary>Where the user stands with the message limit; absent where it was not asked.</summary>
    public Charge? Charge { get; init; }

    public static RunStart Accepted(string threadId, string runId, long seq) => new(threadId, runId, seq, null, null, null);

    public static RunStart Refused(string code, string message, TimeSpan? retryAfter = null) => new(null, null, 0, code, message, retryAfter);
}
