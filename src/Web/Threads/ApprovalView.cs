using Throughline.Contracts.Agents;

namespace Throughline.Web.Threads;

/// <summary>What a run asks before it changes something, and what its owner has said.</summary>
public sealed class ApprovalView(Interrupt interrupt)
{
    public string Id => interrupt.Id;

    public string Question => interrupt.Message ?? "May this be changed?";

    public IReadOnlyList<ProposedChange> Changes => interrupt.Metadata?.Throughline?.Changes ?? [];

    public DateTimeOffset? ExpiresAt => interrupt.ExpiresAt;

    /// <summary>Null while nobody has answered.</summary>
    public bool? IsApproved { get; private set; }

    public bool IsPending(DateTimeOffset now) => IsApproved is null && (ExpiresAt is null || ExpiresAt > now);

    /// <summary>Takes the answer from the run that brought it.</summary>
    internal void Answer(ResumeEntry entry) => IsApproved = Approves(entry);

    internal static bool Approves(ResumeEntry entry) =>
        entry.Status == "resolved" && entry.Payload is { ValueKind: System.Text.Json.JsonValueKind.Object } payload
            && payload.TryGetProperty("approved", out var approved) && approved.ValueKind == System.Text.Json.JsonValueKind.True;
}
