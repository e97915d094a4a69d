using System.Text.Json;
using Throughline.Backend.Actions;
using Throughline.Backend.Database;
using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Runs;

/// <summary>The run, its idempotency key, and the interrupts that it answers: all, or nothing.</summary>
internal sealed class AcceptRun(RunRequest request) : ILogWrite
{
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    public long RunNo { get; private set; }

    public DateTimeOffset AcceptedAt { get; private set; }

    public async Task ExecuteAsync(LogTransaction transaction)
    {
        var (connection, key, stop) = (transaction.Connection, transaction.Key, transaction.CancellationToken);
        AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(transaction.Now.ToUnixTimeMilliseconds());
        await connection.ExecuteAsync(
            "DELETE FROM run_requests WHERE user_id=@u AND request_id=@id AND accepted_at < @old", stop,
            ("u", key.UserId), ("id", request.RequestId), ("old", AcceptedAt - KeyLifetime));
        var isNew = await connection.ExecuteAsync(
            "INSERT INTO run_requests (user_id, request_id, input_hash, thread_id, run_id, head, accepted_at) VALUES (@u, @id, @hash, @t, @run, @head, @now) ON CONFLICT DO NOTHING", stop,
            ("u", key.UserId), ("id", request.RequestId), ("hash", request.InputHash), ("t", key.ThreadId), ("run", request.RunId), ("head", transaction.LastSeq), ("now", AcceptedAt));
        if (isNew == 0) throw new RequestKnownException();
        await new TakeInterrupts(request.RunId, request.Answers ?? []).ExecuteAsync(transaction);

        RunNo = await connection.ScalarAsync<long?>(
            "INSERT INTO runs (user_id, thread_no, run_id, input, input_hash, status, accepted_at, accepted_head, traceparent) "
            + "VALUES (@u, @no, @run, @input, @hash, 'queued', @now, @head, @trace) ON CONFLICT DO NOTHING RETURNING run_no", stop,
            ("u", key.UserId), ("no", transaction.ThreadNo), ("run", request.RunId), ("input", request.Input), ("hash", request.InputHash),
            ("now", AcceptedAt), ("head", transaction.LastSeq), ("trace", request.Traceparent)) ?? throw new RequestKnownException();
    }
}

/// <summary>The idempotency key or the run's id is taken; what it was used for is in the database.</summary>
internal sealed class RequestKnownException() : Exception("The request is known.");

/// <summary>The request is not for this thread as it stands.</summary>
internal sealed class RequestRefusedException(AcceptanceKind kind) : Exception("The request is refused.")
{
    public AcceptanceKind Kind => kind;
}

/// <summary>Written with RUN_STARTED.</summary>
internal sealed record BeginRun(long RunNo, DateTimeOffset StartedAt, string Question, NodeLease Lease) : ILogWrite
{
    public async Task ExecuteAsync(LogTransaction transaction)
    {
        await transaction.Connection.ExecuteAsync(
            "UPDATE runs SET status='running', started_at=@at, first_seq=@first, attempts=1, node=@node WHERE run_no=@no", transaction.CancellationToken,
            ("at", StartedAt), ("first", transaction.FirstSeq), ("node", Lease.Node), ("no", RunNo));
        await Lease.TakeAsync(transaction.Connection, transaction.CancellationToken);
        if (Question.Length > 0) await Utterance.InsertAsync(transaction, transaction.FirstSeq, Question);
    }
}

/// <summary>Written before a run is taken up again, so that one that kills its process is given up in the end.</summary>
internal sealed record CountAttempt(long RunNo, NodeLease Lease) : ILogWrite
{
    public async Task ExecuteAsync(LogTransaction transaction)
    {
        await transaction.Connection.ExecuteAsync(
            "UPDATE runs SET attempts=attempts+1, node=@node WHERE run_no=@no", transaction.CancellationToken, ("node", Lease.Node), ("no", RunNo));
        await Lease.TakeAsync(transaction.Connection, transaction.CancellationToken);
    }
}

internal sealed record AskCancel(string RunId) : ILogWrite
{
    public Task ExecuteAsync(LogTransaction transaction) =>
        transaction.Connection.ExecuteAsync(
            "UPDATE runs SET cancel_asked=1 WHERE thread_no=@thread AND run_id=@run", transaction.CancellationToken, ("thread", transaction.ThreadNo), ("run", RunId));
}

/// <summary>Of every run in the thread that has not ended.</summary>
internal sealed record AskCancelAll : ILogWrite
{
    public Task ExecuteAsync(LogTransaction transaction) =>
        transaction.Connection.ExecuteAsync(
            "UPDATE runs SET cancel_asked=1 WHERE thread_no=@thread AND finished_at IS NULL", transaction.CancellationToken, ("thread", transaction.ThreadNo));
}

/// <summary>Written with RUN_FINISHED or RUN_ERROR.</summary>
internal sealed record EndRun(long RunNo, string Status, RunOutcomeRecord Outcome, string Answer) : ILogWrite
{
    public async Task ExecuteAsync(LogTransaction transaction)
    {
        await transaction.Connection.ExecuteAsync(
            "UPDATE runs SET status=@status, finished_at=@now, last_seq=@last, outcome=@outcome WHERE run_no=@no", transaction.CancellationToken,
            ("status", Status), ("now", transaction.Now), ("last", transaction.LastSeq),
            ("outcome", JsonSerializer.Serialize(Outcome, RunJson.Default.RunOutcomeRecord)), ("no", RunNo));
        await transaction.Connection.ExecuteAsync("DELETE FROM run_steps WHERE run_no=@no", transaction.CancellationToken, ("no", RunNo));
        if (Answer.Length > 0) await Utterance.InsertAsync(transaction, transaction.LastSeq, Answer);
    }
}

internal sealed record RecordStep(long RunNo, string Key, byte[] Result) : ILogWrite
{
    public Task ExecuteAsync(LogTransaction transaction) =>
        transaction.Connection.ExecuteAsync(
            "INSERT INTO run_steps (run_no, step_key, result) VALUES (@no, @key, @result) ON CONFLICT DO NOTHING", transaction.CancellationToken,
            ("no", RunNo), ("key", Key), ("result", Result));
}

internal sealed record KeepFacts(IReadOnlyList<Fact> Facts) : ILogWrite
{
    public async Task ExecuteAsync(LogTransaction transaction)
    {
        await using var insert = transaction.Connection.Command(
            "INSERT INTO facts (fact_id, user_id, thread_no, fact) VALUES (@id, @u, @thread, @fact) ON CONFLICT DO NOTHING",
            ("u", transaction.Key.UserId), ("thread", transaction.ThreadNo));
        var (id, json) = (insert.Add("id", ""), insert.Add("fact", Array.Empty<byte>()));
        foreach (var fact in Facts)
        {
            (id.Value, json.Value) = (fact.Id.ToString(), JsonSerializer.SerializeToUtf8Bytes(fact, WireJson.Default.Fact));
            await insert.ExecuteNonQueryAsync(transaction.CancellationToken);
        }
    }
}

/// <summary>What the search looks through.</summary>
internal static class Utterance
{
    public static Task InsertAsync(LogTransaction transaction, long seq, string text) =>
        transaction.Connection.ExecuteAsync(
            "INSERT INTO utterances (thread_no, seq, text) VALUES (@thread, @seq, @text) ON CONFLICT DO NOTHING", transaction.CancellationToken,
            ("thread", transaction.ThreadNo), ("seq", seq), ("text", text.ToLowerInvariant()));
}
