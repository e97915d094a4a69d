using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>Repairs a user by having auth tell it again, under a version above what either side has: it then comes by the feed, as
/// everything does, to every node.</summary>
internal sealed class ReplicaRepair(
    AuthFeedClient auth, ReplicaStates replica, UserReplica users, UserChangeWriter writer, Revocations revocations, ReplicaSignal signal, TimeProvider time)
{
    /// <returns>Whether something was done about it; that it helped shows when it has arrived.</returns>
    public async Task<bool> TryRepairAsync(Divergence divergence, CancellationToken cancellationToken)
    {
        if (divergence.Kind == Differences.Erased) return false; // no service deletes an account on its own
        var (here, there) = (await replica.FindAsync(divergence.UserId, cancellationToken), await auth.FindStateAsync(divergence.UserId, cancellationToken));
        var seen = new SeenUser(here?.Version ?? 0, there is null ? [] : Differences.RevokedHereOnly(there, here));
        if (await auth.RetellAsync(divergence.UserId, seen, cancellationToken)) return true;
        await ShutOutAsync(divergence.UserId, cancellationToken);
        return true;
    }

    /// <summary>Auth does not know the user, so nobody can sign in as it. Nothing of it is erased: an older backup may have been restored by mistake.</summary>
    private async Task ShutOutAsync(Guid userId, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(userId, cancellationToken) is not { } user) return;
        var change = new UserChange(
            0, UserChangeKind.Upserted, userId, user.Version + 1, time.GetUtcNow(), user.Email, user.Name, user.Tier, user.Role, Disabled: true);
        revocations.Apply(change);
        await writer.ApplyAsync(change, cancellationToken);
        signal.Ring();
    }
}
