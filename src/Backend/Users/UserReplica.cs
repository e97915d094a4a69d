using System.Data.Common;
using Throughline.Backend.Database;

namespace Throughline.Backend.Users;

/// <summary>Users as auth's feed tells them; what the backend knows of a user's tier and name comes from here, never from a token.</summary>
internal sealed class UserReplica(BackendDatabase database, UserFeedHealth feed, ReplicaSignal signal, TimeProvider time)
{
    // Sign-up and feed are some milliseconds apart; longer than this, something is wrong and the caller should hear of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The user as far as the feed has come; null where it has brought none.</summary>
    public Task<ReplicaUser?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await connection.ListAsync(
            "SELECT user_id, email, name, tier, role, status, version, created_at, applied_at FROM users WHERE user_id=@u",
            Read, cancellationToken, ("u", userId))).FirstOrDefault(), cancellationToken);

    /// <summary>As <see cref="FindAsync"/>, with a moment's patience for one who has just signed up; none while the feed is lost.</summary>
    public async Task<ReplicaUser?> WaitForAsync(Guid userId, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var next = signal.Next; // armed before the look
            if (await FindAsync(userId, cancellationToken) is { } user) return user;
            var left = Patience - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !feed.IsFollowing) return null;
            await next.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The user's tier; the smallest one for a user whom the feed has not brought.</summary>
    public async Task<string> TierAsync(Guid userId, CancellationToken cancellationToken) =>
        (await WaitForAsync(userId, cancellationToken))?.Tier ?? "free";

    private static ReplicaUser Read(DbDataReader row) => new(
        Guid.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        row.GetInt64(6), row.Time(7), row.Time(8));
}
