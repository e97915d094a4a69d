using System.Data.Common;
using System.Text.Json;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.Backend.Users.Erasure;
using Throughline.Contracts.Actions;

namespace Throughline.Backend.Actions;

/// <summary>What actions propose and what they left. It is written with the log, by <see cref="LogAppender"/>.</summary>
internal sealed class ActionStore(BackendDatabase database)
{
    private const string Currency = "USD";

    private static readonly string[] Tables = ["budgets", "alerts", "documents"];

    /// <summary>The action that an interrupt of the thread asks about.</summary>
    public async Task<ProposedAction?> ProposedAsync(ThreadKey thread, string interruptId, CancellationToken cancellationToken)
    {
        var json = await database.ReadAsync(connection => connection.ScalarAsync<byte[]>(
            "SELECT i.action FROM interrupts i JOIN threads t ON t.thread_no = i.thread_no WHERE t.user_id=@u AND t.thread_id=@t AND i.interrupt_id=@id", cancellationToken,
            ("u", thread.UserId), ("t", thread.ThreadId), ("id", interruptId)), cancellationToken);
        return json is null ? null : JsonSerializer.Deserialize(json, ActionJson.Default.ProposedAction);
    }

    public async Task<UserSettings> SettingsAsync(Guid userId, CancellationToken cancellationToken) =>
        new((await BudgetsAsync(userId, cancellationToken)).FirstOrDefault(), await AlertsAsync(userId, cancellationToken));

    public Task<List<Budget>> BudgetsAsync(Guid userId, CancellationToken cancellationToken) =>
        ListAsync("SELECT amount, set_at FROM budgets WHERE user_id=@u", userId,
            row => new Budget(row.GetString(0), Currency, "month", row.Time(1)), cancellationToken);

    public Task<List<Alert>> AlertsAsync(Guid userId, CancellationToken cancellationToken) =>
        ListAsync("SELECT amount, set_at, per FROM alerts WHERE user_id=@u ORDER BY per", userId,
            row => new Alert(row.GetString(0), Currency, row.GetString(2), row.Time(1)), cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<List<Document>> DocumentsAsync(Guid userId, Guid? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(
            "SELECT document_id, name, media_type, length(content), created_at FROM documents WHERE user_id=@u AND document_id < @before ORDER BY document_id DESC LIMIT @limit",
            row => new Document(Guid.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4)), cancellationToken,
            ("u", userId), ("before", before?.ToString() ?? "g"), ("limit", limit)), cancellationToken); // "g": after every hexadecimal digit

    public async Task<(string Name, string MediaType, byte[] Content)?> DocumentAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(connection => connection.ListAsync(
            "SELECT name, media_type, content FROM documents WHERE user_id=@u AND document_id=@id",
            row => (row.GetString(0), row.GetString(1), row.Bytes(2)), cancellationToken, ("u", userId), ("id", id)), cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    public Task DeleteBudgetAsync(Guid userId, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM budgets WHERE user_id=@u", cancellationToken, ("u", userId)), cancellationToken);

    public Task DeleteAlertAsync(Guid userId, string per, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM alerts WHERE user_id=@u AND per=@per", cancellationToken, ("u", userId), ("per", per)), cancellationToken);

    /// <returns>Whether there was such a file.</returns>
    public Task<bool> DeleteDocumentAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
            await connection.ExecuteAsync("DELETE FROM documents WHERE user_id=@u AND document_id=@id", cancellationToken, ("u", userId), ("id", id)) > 0, cancellationToken);

    /// <summary>Erases all that a user had, in the caller's transaction.</summary>
    public static async Task EraseAllAsync(DbConnection connection, Guid userId, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            var count = await connection.ExecuteAsync($"DELETE FROM {table} WHERE user_id=@u", cancellationToken, ("u", userId));
            await ErasureTally.AddAsync(connection, userId, table, count, cancellationToken);
        }
    }

    private Task<List<T>> ListAsync<T>(string sql, Guid userId, Func<DbDataReader, T> read, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(sql, read, cancellationToken, ("u", userId)), cancellationToken);
}
