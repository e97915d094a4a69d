using System.Globalization;
using System.Text;
using System.Text.Json;
using Throughline.Backend.Database;
using Throughline.Backend.Runs;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Actions;

/// <summary>Written with the RUN_FINISHED that asks.</summary>
internal sealed record RaiseInterrupt(string InterruptId, ProposedAction Action, DateTimeOffset ExpiresAt) : ILogWrite
{
    public Task ExecuteAsync(LogTransaction transaction) =>
        transaction.Connection.ExecuteAsync(
            "INSERT INTO interrupts (interrupt_id, thread_no, action, expires_at) VALUES (@id, @thread, @action, @expires)", transaction.CancellationToken,
            ("id", InterruptId), ("thread", transaction.ThreadNo), ("action", JsonSerializer.SerializeToUtf8Bytes(Action, ActionJson.Default.ProposedAction)), ("expires", ExpiresAt));
}

/// <summary>Written before a run is accepted: an answer takes its interrupts, a question finds none. So each is answered once, whoever comes at the same time.</summary>
internal sealed record TakeInterrupts(string RunId, IReadOnlyList<string> Answers) : ILogWrite
{
    private const string Pending = "thread_no=@thread AND answered_by IS NULL AND expires_at > @now";

    /// <exception cref="RequestRefusedException">The thread waits for another request than this.</exception>
    public async Task ExecuteAsync(LogTransaction transaction)
    {
        var (connection, thread, now, stop) = (transaction.Connection, transaction.ThreadNo, transaction.Now, transaction.CancellationToken);
        foreach (var id in Answers)
        {
            var taken = await connection.ExecuteAsync($"UPDATE interrupts SET answered_by=@run WHERE interrupt_id=@id AND {Pending}", stop,
                ("run", RunId), ("id", id), ("thread", thread), ("now", now));
            if (taken == 0) throw new RequestRefusedException(AcceptanceKind.InterruptNotPending);
        }

        if (Answers.Count == 0 && await connection.ScalarAsync<long>($"SELECT COUNT(*) FROM interrupts WHERE {Pending}", stop, ("thread", thread), ("now", now)) > 0)
            throw new RequestRefusedException(AcceptanceKind.InterruptPending);
    }
}

/// <summary>The effect of an approved action. Written with the event that says so: the log tells of it, or it has not happened.</summary>
/// <param name="Id">Of the file that comes to be.</param>
internal sealed record ApplyAction(Guid Id, ProposedAction Action) : ILogWrite
{
    public Task ExecuteAsync(LogTransaction transaction) => Action switch
    {
        { Kind: ActionKind.SetBudget } => ExecuteAsync(transaction,
            "INSERT INTO budgets (user_id, amount, set_at) VALUES (@u, @amount, @now) "
            + "ON CONFLICT (user_id) DO UPDATE SET amount=excluded.amount, set_at=excluded.set_at",
            ("amount", Amount)),
        { Kind: ActionKind.SetAlert } => ExecuteAsync(transaction,
            "INSERT INTO alerts (user_id, per, amount, set_at) VALUES (@u, @per, @amount, @now) "
            + "ON CONFLICT (user_id, per) DO UPDATE SET amount=excluded.amount, set_at=excluded.set_at",
            ("per", Action.Per), ("amount", Amount)),
        { Kind: ActionKind.WriteRoutingPatch, Document: { } document } => ExecuteAsync(transaction,
            "INSERT INTO documents (document_id, user_id, name, media_type, content, created_at) VALUES (@id, @u, @name, @type, @content, @now)",
            ("id", Id), ("name", document.Name), ("type", document.MediaType), ("content", Encoding.UTF8.GetBytes(document.Content))),
        _ => throw new InvalidOperationException($"{Action.Kind} has no effect."),
    };

    private string Amount => Action.Amount.ToString(CultureInfo.InvariantCulture);

    private static Task<int> ExecuteAsync(LogTransaction transaction, string sql, params ReadOnlySpan<(string, object?)> values) =>
        transaction.Connection.ExecuteAsync(sql, transaction.CancellationToken, [("u", transaction.Key.UserId), ("now", transaction.Now), .. values]);
}
