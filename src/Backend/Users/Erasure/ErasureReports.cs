using Throughline.Backend.Database;
using Throughline.Backend.Limits;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users.Erasure;

/// <summary>Tells auth what was erased of each deleted user, until auth has taken it: first what the key-value store held goes too, and what the database's log still shows.</summary>
internal sealed partial class ErasureReports(
    BackendDatabase database, AuthFeedClient auth, MessageLimit limits, TimeProvider time, ILogger<ErasureReports> logger)
{
    /// <returns>False where the database's log could not be emptied; try again in a moment.</returns>
    public async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        var users = await database.ReadAsync(connection => connection.ListAsync(
            "SELECT DISTINCT e.user_id FROM erasures e JOIN users u ON u.user_id = e.user_id WHERE u.status='erased'",
            row => Guid.Parse(row.GetString(0)), cancellationToken), cancellationToken);
        if (users.Count == 0) return true;
        foreach (var user in users) await EraseFromStoreAsync(user, cancellationToken);
        if (!await database.TruncateLogAsync(cancellationToken)) return false;
        foreach (var user in users) await SendAsync(user, cancellationToken);
        return true;
    }

    private async Task EraseFromStoreAsync(Guid userId, CancellationToken cancellationToken)
    {
        var keys = await limits.EraseAsync(userId, cancellationToken);
        await database.WriteAsync(connection => ErasureTally.AddLateAsync(connection, userId, ErasureTally.StoreKeys, keys, cancellationToken), cancellationToken);
    }

    private async Task SendAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var items = await database.ReadAsync(connection => connection.ListAsync(
            "SELECT what, count FROM erasures WHERE user_id=@u ORDER BY what", row => ItemOf(row.GetString(0), row.GetInt64(1), now), cancellationToken, ("u", userId)), cancellationToken);
        if (items.Count == 0) return; // another node was quicker
        if (await auth.ReportErasedAsync(userId, new(items), cancellationToken)) Log.Reported(logger, userId);
        else Log.Unknown(logger, userId);
        await database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM erasures WHERE user_id=@u", cancellationToken, ("u", userId)), cancellationToken);
    }

    private static ErasedItem ItemOf(string what, long count, DateTimeOffset at) =>
        what == ErasureTally.StoreKeys ? new("store", "keys", count, at) : new("backend", what, count, at);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Auth has taken the report on what was erased of user {UserId}")]
        public static partial void Reported(ILogger logger, Guid userId);

        [LoggerMessage(2, LogLevel.Warning, "Auth has no receipt to complete for erased user {UserId}; it was deleted before receipts were kept")]
        public static partial void Unknown(ILogger logger, Guid userId);
    }
}
