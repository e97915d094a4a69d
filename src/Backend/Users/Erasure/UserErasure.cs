using System.Data.Common;
using System.Threading.Channels;
using Throughline.Backend.Actions;
using Throughline.Backend.Database;
using Throughline.Backend.Files;
using Throughline.Backend.Gateway;
using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users.Erasure;

/// <summary>Erases what deleted users leave: threads with their facts, files, budgets and the like; then reports it to auth. Goes on after a restart where it was.</summary>
internal sealed partial class UserErasure(
    BackendDatabase database, FileStore files, ClosedSockets sockets, ErasureReports reports, ThreadGrains grains, ReplicaSignal signal, TimeProvider time,
    ILogger<UserErasure> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There may be something to erase.</summary>
    public void Continue() => _wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var retry = RetryAfter;
            while (true)
            {
                await _wake.Reader.ReadAsync(stoppingToken);
                if (await TryEraseAllAsync(stoppingToken))
                {
                    retry = RetryAfter;
                    continue;
                }

                await WaitAsync(retry, stoppingToken);
                if (retry < LongestRetry) retry *= 2;
                Continue();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; what is left is erased after the next start.
        }
    }

    private async Task<bool> TryEraseAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            var users = await database.ReadAsync(connection => connection.ListAsync(
                "SELECT user_id FROM users WHERE status='erasing'", row => Guid.Parse(row.GetString(0)), cancellationToken), cancellationToken);
            foreach (var user in users) await EraseAsync(user, cancellationToken);
            return await reports.SendAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbException or IOException or OrleansException || DependencyBreaker.IsAway(e))
        {
            Log.Postponed(logger, e.Message);
            return false;
        }
    }

    /// <summary>Waits for the next attempt, or for another user to erase.</summary>
    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        Task next = _wake.Reader.WaitToReadAsync(cancellationToken).AsTask();
        await next.WaitAsync(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task EraseAsync(Guid userId, CancellationToken cancellationToken)
    {
        var threads = await database.ReadAsync(connection => connection.ListAsync(
            "SELECT user_id, thread_id FROM threads WHERE user_id=@u", row => ThreadKey.Read(row, 0, 1), cancellationToken, ("u", userId)), cancellationToken);
        foreach (var thread in threads) await grains.CallAsync(thread, grain => grain.DeleteAsync());
        await files.EraseAllAsync(userId, cancellationToken);
        await database.WriteAsync(connection => EraseRowsAsync(connection, userId, cancellationToken), cancellationToken);
        signal.Ring();
        Log.Erased(logger, userId);
    }

    private async Task EraseRowsAsync(DbConnection connection, Guid userId, CancellationToken cancellationToken)
    {
        foreach (var table in (string[])["run_requests", "facts", "revocations"])
        {
            var count = await connection.ExecuteAsync($"DELETE FROM {table} WHERE user_id=@u", cancellationToken, ("u", userId));
            await ErasureTally.AddAsync(connection, userId, table, count, cancellationToken);
        }

        await ActionStore.EraseAllAsync(connection, userId, cancellationToken);
        await ErasureTally.AddAsync(connection, userId, "sockets", sockets.Take(userId), cancellationToken);
        await ErasureTally.AddAsync(connection, userId, "profile", 1, cancellationToken);
        await connection.ExecuteAsync(
            "UPDATE users SET status='erased', email='', name='', applied_at=@now WHERE user_id=@u AND status='erasing'", cancellationToken,
            ("u", userId), ("now", time.GetUtcNow()));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Erased user {UserId}")]
        public static partial void Erased(ILogger logger, Guid userId);

        [LoggerMessage(2, LogLevel.Warning, "Erasing is postponed: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);
    }
}
