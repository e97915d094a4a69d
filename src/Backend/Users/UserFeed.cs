using System.Data.Common;
using Throughline.Backend.Breakers;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Follows auth's feed: one long request after another, so that a change arrives as soon as it is made.</summary>
internal sealed partial class UserFeed(
    AuthFeedClient auth, UserChangeWriter writer, Revocations revocations, ReplicaSignal signal, UserFeedHealth health, UserErasure erasure,
    DependencyBreakers breakers, IServiceDirectory directory, TimeProvider time, ILogger<UserFeed> logger) : BackgroundService
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    /// <summary>How long a revoked session is kept in mind: far longer than any access token lives, and it gets no new one.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(31);

    private long _cursor;
    private Guid _auth;
    private int _failures;
    private DateTimeOffset _forgotten = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            _cursor = await writer.CursorAsync(stoppingToken);
            erasure.Continue();
            // All services start at once; that auth takes longer than this one is no failure of it.
            await directory.WaitForAsync("auth", stoppingToken);
            while (true) await FollowAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            _auth = (await directory.FindAsync("auth", cancellationToken))?.Instance ?? _auth;
            // The first look, and the one after a failure, does not wait, so that readiness knows soon.
            var page = await breakers.Auth.ExecuteAsync(async stop => await auth.ReadAsync(_cursor, health.IsFollowing, stop), cancellationToken);
            if (page.Items.Count > 0) await ApplyAsync(page, cancellationToken);
            if (!health.IsFollowing) Log.Following(logger, page.Next);
            (_cursor, _failures) = (page.Next, 0);
            health.Follows();
            await ForgetAsync(cancellationToken);
        }
        catch (Exception e) when (DependencyBreakers.IsAway(e) || e is DbException)
        {
            if (_failures == 0) Log.Lost(logger, e.Message);
            health.Lost(e.Message);
            await PauseAsync(cancellationToken);
        }
    }

    private async Task ApplyAsync(UserChanges page, CancellationToken cancellationToken)
    {
        // Memory first: not even a full disk keeps a revoked session alive.
        foreach (var change in page.Items) revocations.Apply(change);
        await writer.ApplyAsync(page, cancellationToken);
        signal.Ring();
        if (page.Items.Any(change => change.Kind == UserChangeKind.Deleted)) erasure.Continue();
    }

    /// <summary>Waits before the next attempt, longer each time; an auth that was started anew ends the wait and closes the breaker.</summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        var longest = Math.Min(FirstBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 10)), LongestBackoff.TotalMilliseconds);
        using var pause = new CancellationTokenSource(TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2))), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            if ((await directory.WaitForAsync("auth", either.Token)).Instance == _auth) await Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token);
            await breakers.AuthIsNewAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pause is over.
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now - _forgotten < ForgetEvery) return;
        _forgotten = now;
        revocations.Forget(now - Remembered);
        await writer.ForgetAsync(now - Remembered, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Following auth's feed from {Cursor}")]
        public static partial void Following(ILogger logger, long cursor);

        [LoggerMessage(2, LogLevel.Warning, "Auth's feed cannot be read: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
