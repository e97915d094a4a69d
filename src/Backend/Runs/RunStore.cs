using System.Data.Common;
using System.Text.Json;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.Contracts;

namespace Throughline.Backend.Runs;

/// <summary>Reads runs. They are written with the log, by <see cref="LogAppender"/>.</summary>
internal sealed class RunStore(BackendDatabase database)
{
    private const string Select =
        "SELECT r.run_no, r.user_id, t.thread_id, r.run_id, r.input, r.input_hash, r.status, r.accepted_at, r.accepted_head, r.started_at, r.finished_at, "
        + "r.first_seq, r.last_seq, r.attempts, r.cancel_asked, r.outcome, r.traceparent FROM runs r JOIN threads t ON t.thread_no = r.thread_no ";

    public async Task<RunRecord?> FindAsync(Guid userId, string runId, CancellationToken cancellationToken) =>
        (await ListAsync("WHERE r.user_id=@u AND r.run_id=@run", cancellationToken, ("u", userId), ("run", runId))).FirstOrDefault();

    /// <summary>Runs of the thread that are queued or under way, oldest first.</summary>
    public Task<List<RunRecord>> OpenAsync(ThreadKey thread, CancellationToken cancellationToken) =>
        ListAsync("WHERE t.user_id=@u AND t.thread_id=@t AND r.finished_at IS NULL ORDER BY r.run_no", cancellationToken, ("u", thread.UserId), ("t", thread.ThreadId));

    /// <summary>The thread's runs, newest first, before <paramref name="beforeRunNo"/>.</summary>
    public Task<List<RunRecord>> BeforeAsync(ThreadKey thread, long beforeRunNo, int limit, CancellationToken cancellationToken) =>
        ListAsync("WHERE t.user_id=@u AND t.thread_id=@t AND r.run_no < @before ORDER BY r.run_no DESC LIMIT @limit", cancellationToken,
            ("u", thread.UserId), ("t", thread.ThreadId), ("before", beforeRunNo), ("limit", limit));

    /// <summary>Threads in which something is open, or has just ended.</summary>
    /// <param name="node">Who asks: its own lease holds no thread against it.</param>
    public Task<List<BusyThread>> BusyThreadsAsync(Guid node, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(
            "SELECT t.user_id, t.thread_id, t.head, 1, MAX(CASE WHEN n.node IS NULL THEN 0 ELSE 1 END) "
            + $"FROM runs r JOIN threads t ON t.thread_no = r.thread_no LEFT JOIN nodes n ON n.node = r.node AND n.node <> @node AND n.lease_until > {database.Now} "
            + "WHERE r.finished_at IS NULL GROUP BY t.user_id, t.thread_id, t.head "
            + "UNION ALL SELECT t.user_id, t.thread_id, t.head, 0, 0 "
            + $"FROM runs r JOIN threads t ON t.thread_no = r.thread_no WHERE r.finished_at > {database.Now} - 5000",
            row => new BusyThread(ThreadKey.Read(row, 0, 1), row.GetInt64(2), row.GetInt64(3) != 0, row.GetInt64(4) != 0), cancellationToken, ("node", node)), cancellationToken);

    /// <summary>What the idempotency key was used for in the last 24 hours.</summary>
    public async Task<KnownRequest?> RequestAsync(Guid userId, string requestId, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.ListAsync(
            "SELECT input_hash, thread_id, run_id, head FROM run_requests WHERE user_id=@u AND request_id=@id AND accepted_at >= @since",
            row => new KnownRequest(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)), cancellationToken,
            ("u", userId), ("id", requestId), ("since", now.AddHours(-24))), cancellationToken)).FirstOrDefault();

    public Task<Dictionary<string, byte[]>> StepsAsync(long runNo, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await connection.ListAsync(
            "SELECT step_key, result FROM run_steps WHERE run_no=@no", row => (row.GetString(0), row.Bytes(1)), cancellationToken, ("no", runNo)))
            .ToDictionary(step => step.Item1, step => step.Item2), cancellationToken);

    private Task<List<RunRecord>> ListAsync(string where, CancellationToken cancellationToken, params (string, object?)[] values) =>
        database.ReadAsync(connection => connection.ListAsync(Select + where, Read, cancellationToken, values), cancellationToken);

    private static RunRecord Read(DbDataReader row) => new(
        row.GetInt64(0), ThreadKey.Read(row, 1, 2), row.GetString(3),
        JsonSerializer.Deserialize(row.Bytes(4), WireJson.Default.RunAgentInput)!, row.GetString(5), row.GetString(6),
        row.Time(7), row.GetInt64(8), row.TimeOrNull(9), row.TimeOrNull(10), row.Int64OrNull(11), row.Int64OrNull(12),
        (int)row.GetInt64(13), row.GetInt64(14) != 0,
        row.IsDBNull(15) ? null : JsonSerializer.Deserialize(row.GetString(15), RunJson.Default.RunOutcomeRecord),
        row.IsDBNull(16) ? null : row.GetString(16));
}

/// <param name="Head">The last seq that is durable.</param>
/// <param name="IsOpen">Whether a run is queued or under way.</param>
/// <param name="IsHeld">Whether another node, which lives, works on it.</param>
internal sealed record BusyThread(ThreadKey Key, long Head, bool IsOpen, bool IsHeld);

/// <summary>An idempotency key's first use.</summary>
internal sealed record KnownRequest(string InputHash, string ThreadId, string RunId, long Head);
