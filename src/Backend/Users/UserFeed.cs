using System.Data.Common;
using Polly.CircuitBreaker;
using Throughline.Backend.Breakers;
using Throughline.Backend.Users.Erasure;
using Throughline.Backend.Users.Reconcile;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Follows auth's feed: one long request after another, so that a change arrives as soon as it is made.</summary>
internal sealed partial class UserFeed(
    AuthFeedClient auth, FeedPages pages, Revocations revocations, UserChangeWriter writer, FeedHighWater highWater, FeedCatchUp catchUp, FeedBell bell, UserFeedHealth health,
    UserErasure erasure, ReconcileSchedule reconciling, DependencyBreakers breakers, IServiceDirectory directory, TimeProvider time, ILogger<UserFeed> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    /// <summary>How long a revoked session is kept in mind: far longer than any access token lives, and it gets no new one.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(31);

    /// <summary>A page from which on more is to be expected behind it.</summary>
    private const int LongPage = 100;

    private FeedCursor _cursor = FeedCursor.Beginning;
    private bool _isRewound;

    /// <summary>The instance of auth that was read last, or for which the breaker was closed.</summary>
    private Guid _auth;
    private int _failures;
    private DateTimeOffset _forgotten = DateTimeOffset.MinValue;

    /// <summary>Before anything is served: whether the database knows of every deletion.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var highest = highWater.Read(); // before the cursor, which another node may be moving: it always moves first
        _cursor = await writer.CursorAsync(cancellationToken);
        _isRewound = await writer.IsRewoundAsync(cancellationToken);
        catchUp.Begin(_cursor.Position, highest);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
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
            var instance = (await directory.FindAsync("auth", cancellationToken))?.Instance;
            // The first look, and the one after a failure, does not wait, so that readiness knows soon.
            var (wasFollowing, isCatchingUp) = (health.IsFollowing, _isRewound || !catchUp.IsOver);
            var page = await breakers.Auth.ExecuteAsync(async stop => await auth.ReadAsync(_cursor, wasFollowing && !isCatchingUp, stop), cancellationToken);
            _cursor = page.Rewritten ? await RewindAsync(cancellationToken) : await pages.ApplyAsync(page, _cursor, cancellationToken);
            (_auth, _failures) = (instance ?? _auth, 0);
            if (!isCatchingUp && !page.Rewritten) health.Follows(page.Items.Count >= LongPage ? time.GetUtcNow() - page.Items[^1].At : TimeSpan.Zero);
            else if (page is { Items.Count: 0, Rewritten: false }) await ArriveAsync(cancellationToken);
            if (!wasFollowing && health.IsFollowing) Log.Following(logger, _cursor.Position);
            await ForgetAsync(cancellationToken);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e) || e is DbException or IOException)
        {
            if (_failures == 0) Log.Lost(logger, e.Message);
            health.Lost(e is BrokenCircuitException ? null : e.Message);
            await PauseAsync(cancellationToken);
        }
    }

    private async Task<FeedCursor> RewindAsync(CancellationToken cancellationToken)
    {
        Log.Rewinding(logger, _cursor.Position);
        await pages.RewindAsync(cancellationToken);
        _isRewound = true;
        return FeedCursor.Beginning;
    }

    /// <summary>At the feed's end, after a start on a restored database or since auth's was restored.</summary>
    private async Task ArriveAsync(CancellationToken cancellationToken)
    {
        await catchUp.EndAsync(_cursor.Position, cancellationToken);
        health.Follows(TimeSpan.Zero);
        if (!_isRewound) return;
        // Versions went back with auth's database: what is ahead of it here is told again, above what was seen. In the background, for it comes by this feed.
        _isRewound = false;
        reconciling.RepairSoon();
    }

    /// <summary>Waits before the next attempt, longer each time. Auth's call ends the wait; an auth that was started anew does too, and closes the breaker.</summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        var rung = bell.Next;
        var longest = Math.Min(FirstBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 10)), LongestBackoff.TotalMilliseconds);
        using var pause = new CancellationTokenSource(TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2))), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        var renewed = NewAuthAsync(either.Token);
        await Task.WhenAny(renewed, rung);
        await pause.CancelAsync();
        if (await renewed is not { } instance) return;
        _auth = instance;
        await breakers.AuthIsNewAsync(cancellationToken);
    }

    /// <returns>The instance of an auth that was not known yet; null where the wait was ended.</returns>
    private async Task<Guid?> NewAuthAsync(CancellationToken cancellationToken)
    {
        try
        {
            var instance = (await directory.WaitForAsync("auth", cancellationToken)).Instance;
            if (instance == _auth) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken); // no news: only the pause's end, or auth's call, goes on from here
            return instance;
        }
        catch (OperationCanceledException)
        {
            return null;
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

        [LoggerMessage(3, LogLevel.Warning, "Auth's feed is not the one that was read until {Cursor}: auth's database was restored from a backup. Reading it again from the beginning")]
        public static partial void Rewinding(ILogger logger, long cursor);
    }
}
