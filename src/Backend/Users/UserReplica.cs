using System.Collections.Concurrent;
using System.Data.Common;
using Throughline.Backend.Breakers;
using Throughline.Backend.Database;

namespace Throughline.Backend.Users;

/// <summary>Users as auth's feed tells them; what the backend knows of a user's tier and name comes from here, never from a token.</summary>
internal sealed class UserReplica(BackendDatabase database, DependencyBreakers breakers, TimeProvider time)
{
    /// <summary>How long to wait for the feed to bring a user who has just signed up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, ReplicaUser> _known = new();
    private TaskCompletionSource _applied = NewSignal();

    /// <summary>The user; null where the feed has not brought it within a short while.</summary>
    public async Task<ReplicaUser?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var next = Volatile.Read(ref _applied).Task; // armed before the look
            if (_known.TryGetValue(userId, out var known)) return known;
            if (await ReadAsync(userId, cancellationToken) is { } user) return _known.GetOrAdd(userId, user);
            var left = Patience - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || breakers.States.Any(b => b is { Dependency: "auth", State: "open" })) return null;
            await next.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The user's tier; the smallest one for a user whom the feed has not brought yet.</summary>
    public async ValueTask<string> TierAsync(Guid userId, CancellationToken cancellationToken) =>
        _known.TryGetValue(userId, out var known) ? known.Tier : (await FindAsync(userId, cancellationToken))?.Tier ?? "free";

    /// <summary>Forgets what is in memory of these users, now that the database says something newer, and wakes who waits.</summary>
    public void Applied(IEnumerable<Guid> users)
    {
        foreach (var user in users) _known.TryRemove(user, out _);
        Interlocked.Exchange(ref _applied, NewSignal()).TrySetResult();
    }

    private async Task<ReplicaUser?> ReadAsync(Guid userId, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.ListAsync(
            "SELECT user_id, email, name, tier, role, status, version, created_at, applied_at FROM users WHERE user_id=@u",
            Read, cancellationToken, ("u", userId)), cancellationToken)).FirstOrDefault();

    private static ReplicaUser Read(DbDataReader row) => new(
        Guid.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        row.GetInt64(6), row.Time(7), row.Time(8));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
