using System.Text.Json;
using Throughline.Contracts.Agents;

namespace Throughline.Contracts.Threads;

/// <param name="Head"><c>seq</c> of the thread's last event; 0 for an empty thread.</param>
public sealed record ThreadSummary(string Id, string Title, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Head);

/// <param name="Id">The caller's own id, 1 to 128 characters; absent: the service makes one.</param>
public sealed record CreateThread(string? Id = null, string? Title = null);

public sealed record RenameThread(string Title);

/// <summary>A list and, where there is more, the cursor of the next page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);

/// <param name="Seq">Position in the thread: 1, 2, 3 … with no gap.</param>
public sealed record LoggedEvent(long Seq, JsonElement Event);

/// <param name="Status"><c>queued</c>, <c>running</c>, <c>completed</c>, <c>partial</c>, <c>cancelled</c>, <c>failed</c> or <c>interrupted</c>.</param>
/// <param name="TraceId">The trace in which it was asked and is worked on, whichever node does; 32 hexadecimal digits.</param>
public sealed record RunSummary(
    string Id, string ThreadId, string Status, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    IReadOnlyList<RunStage> Stages, IReadOnlyList<ModelUsage>? Usage = null, RunQuality? Quality = null, string? TraceId = null);

/// <param name="ElapsedMs">How long the stage took, milliseconds; so far, for one that is running.</param>
public sealed record RunStage(string Name, DateTimeOffset StartedAt, double ElapsedMs);

/// <param name="ExpiresIn">Seconds.</param>
public sealed record WebSocketTicket(string Ticket, int ExpiresIn);

/// <summary>The caller's limits: <c>GET /api/limits</c>.</summary>
public sealed record LimitReport(string Tier, IReadOnlyList<LimitState> Items);

public sealed record LimitState(string Policy, long Quota, int WindowSeconds, long Remaining, int ResetSeconds);

/// <summary>The breakers: <c>GET /api/breakers</c>.</summary>
/// <param name="State"><c>closed</c>, <c>open</c> or <c>half_open</c>.</param>
public sealed record BreakerState(string Dependency, string State, DateTimeOffset Since, int Failures);
