using System.Data.Common;
using System.Text.Json;
using Throughline.Backend.Breakers;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Follows auth's feed: one long request after another, so that a change arrives as soon as it is made.</summary>
internal sealed partial class UserFeed(
    AuthFeedClient auth, IServiceDirectory directory, UserChangeWriter writer, UserReplica replica, Revocations revocations, UserErasure erasure, DependencyBreakers breakers, TimeProvider time, ILogger<UserFeed> logger)
    : BackgroundService, IDependencyProbe
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(AuthFeedClient.WaitSeconds + 10);

    private long _heardAt;
    private string? _error = "The feed has not been read yet.";

    public string Name => "auth-feed";

    /// <summary>Degraded, not unhealthy, while auth is away: whoever is signed in goes on working.</summary>
    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        var error = Volatile.Read(ref _error);
        if (error is null && time.GetElapsedTime(Volatile.Read(ref _heardAt)) > Silence) error = "The feed is silent.";
        return Task.FromResult(new DependencyHealth(error is null ? HealthStatus.Healthy : HealthStatus.Degraded, 0, error));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var cursor = await writer.CursorAsync(stoppingToken);
            erasure.Continue();
            // At a start together auth may come later: that is no failure, and must not open the breaker.
            await directory.WaitForAsync("auth", stoppingToken);
            while (true) cursor = await FollowAsync(cursor, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task<long> FollowAsync(long cursor, CancellationToken stoppingToken)
    {
        try
        {
            // A first look does not wait, so that readiness knows soon.
            var wait = Volatile.Read(ref _error) is null;
            var page = await breakers.Auth.ExecuteAsync(async stop => await auth.ReadAsync(cursor, wait, stop), stoppingToken);
            if (page.Items.Count > 0) await ApplyAsync(page, stoppingToken);
            Volatile.Write(ref _heardAt, time.GetTimestamp());
            if (Interlocked.Exchange(ref _error, null) is not null) Log.Following(logger, cursor);
            return page.Next;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or DbException || DependencyBreakers.IsAway(e) || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
        {
            if (Interlocked.Exchange(ref _error, e.Message) is null) Log.Lost(logger, e.Message);
            await Task.Delay(RetryAfter, time, stoppingToken);
            return cursor;
        }
    }

    private async Task ApplyAsync(UserChanges page, CancellationToken cancellationToken)
    {
        await writer.ApplyAsync(page, cancellationToken);
        replica.Applied(page.Items.Select(change => change.UserId).Distinct());
        foreach (var change in page.Items)
        {
            if (change.Kind == "session.revoked") revocations.Revoke(change.UserId, change.SessionId, change.At);
            else revocations.SetDisabled(change.UserId, change.Disabled || change.Kind == "user.deleted");
            if (change.Kind == "user.deleted") erasure.Continue();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Following auth's feed from {Cursor}")]
        public static partial void Following(ILogger logger, long cursor);

        [LoggerMessage(2, LogLevel.Warning, "Auth's feed cannot be read: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
