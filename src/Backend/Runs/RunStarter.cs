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

        // The key is the charge's name: a repeat that races with its first is charged once.
        var charge = await limit.ChargeAsync(userId, requestId, cancellationToken);
        if (!charge.IsAllowed)
            return RunStart.Refused("rate_limited", charge.Refusal, charge.RetryAfter) with { Charge = charge };

        var thread = ThreadKey.Of(caller, input.Normal.ThreadId!);
        var request = new RunRequest(
            requestId, input.Normal.RunId!, JsonSerializer.SerializeToUtf8Bytes(input.Normal, WireJson.Default.RunAgentInput), input.Hash, input.Question, Activity.Current?.Id);
        var acceptance = await grains.CallAsync(thread, grain => grain.StartRunAsync(request));
        return acceptance.Kind switch
        {
            AcceptanceKind.Accepted or AcceptanceKind.Repeated => RunStart.Accepted(acceptance.ThreadId, acceptance.RunId, acceptance.Seq) with { Charge = charge },
            AcceptanceKind.IdReused => Reused,
            AcceptanceKind.QueueFull => RunStart.Refused("rate_limited", "Too many questions wait in this thread.", TimeSpan.FromSeconds(5)),
        };
    }

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
