using System.Data.Common;
using System.Threading.Channels;
using Throughline.Backend.Database;
using Throughline.Backend.Files;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Users;

/// <summary>Erases what deleted users leave: threads with their facts, files. Goes on after a restart where it was.</summary>
internal sealed partial class UserErasure(
    BackendDatabase database, FileStore files, IGrainFactory grains, ReplicaSignal signal, TimeProvider time, ILogger<UserErasure> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There may be something to erase.</summary>
    public void Continue() => _wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _wake.Reader.ReadAsync(stoppingToken))
                if (!await TryEraseAllAsync(stoppingToken))
                {
                    await Task.Delay(RetryAfter, time, stoppingToken);
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
            return true;
        }
        catch (Exception e) when (e is DbException or IOException or TimeoutException)
        {
            Log.Postponed(logger, e.Message);
            return false;
        }
    }

    private async Task EraseAsync(Guid userId, CancellationToken cancellationToken)
    {
        var threads = await database.ReadAsync(connection => connection.ListAsync(
            "SELECT user_id, thread_id FROM threads WHERE user_id=@u", row => ThreadKey.Read(row, 0, 1), cancellationToken, ("u", userId)), cancellationToken);
        foreach (var thread in threads) await grains.GetGrain<IThreadGrain>(thread.ToString()).DeleteAsync();
        await files.EraseAllAsync(userId, cancellationToken);
        await database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("DELETE FROM run_requests WHERE user_id=@u", cancellationToken, ("u", userId));
            await connection.ExecuteAsync("DELETE FROM facts WHERE user_id=@u", cancellationToken, ("u", userId));
            await connection.ExecuteAsync("UPDATE users SET status='erased', email='', name='', applied_at=@now WHERE user_id=@u", cancellationToken, ("u", userId), ("now", time.GetUtcNow()));
        }, cancellationToken);
        signal.Ring();
        Log.Erased(logger, userId);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Erased user {UserId}")]
        public static partial void Erased(ILogger logger, Guid userId);

        [LoggerMessage(2, LogLevel.Warning, "Erasing is postponed: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);
    }
}
