using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;

namespace Throughline.Auth.Changes;

/// <summary>Adds to the outbox, inside the caller's transaction (<see cref="DatabaseWriter.BeginAsync"/>). The caller saves.</summary>
internal sealed class ChangeLog(AuthDb db, PendingChanges pending, TimeProvider time)
{
    public void UserUpserted(User user) => Add(new()
    {
        Kind = ChangeKind.Upserted,
        UserId = user.Id,
        Version = user.Version,
        At = time.GetUtcNow(),
        Email = user.Email,
        Name = user.Name,
        Tier = user.Tier,
        Role = user.Role,
        IsDisabled = user.IsDisabled,
        Traceparent = Activity.Current?.Id,
    });

    /// <param name="sessionId">Null for all of the user's sessions that began until now.</param>
    public void SessionRevoked(Guid userId, long version, Guid? sessionId) => Add(new()
    {
        Kind = ChangeKind.SessionRevoked,
        UserId = userId,
        Version = version,
        At = time.GetUtcNow(),
        SessionId = sessionId,
        Traceparent = Activity.Current?.Id,
    });

    /// <summary>Leaves a tombstone; of all that ever told of the user only the places remain, so that a reader's cursor still finds its own.</summary>
    /// <param name="version">The last one that anybody was told.</param>
    public async Task UserDeletedAsync(Guid userId, long version, CancellationToken cancellationToken)
    {
        await db.Changes.Where(c => c.UserId == userId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Kind, ChangeKind.Blank).SetProperty(c => c.UserId, Guid.Empty).SetProperty(c => c.Version, 0)
                .SetProperty(c => c.Email, (string?)null).SetProperty(c => c.Name, (string?)null).SetProperty(c => c.Tier, (string?)null)
                .SetProperty(c => c.Role, (string?)null).SetProperty(c => c.SessionId, (Guid?)null).SetProperty(c => c.Traceparent, (string?)null),
            cancellationToken);
        Add(new()
        {
            Kind = ChangeKind.Deleted,
            UserId = userId,
            Version = version + 1,
            At = time.GetUtcNow(),
            IsDisabled = true,
            Traceparent = Activity.Current?.Id,
        });
    }

    private void Add(Change change)
    {
        db.Changes.Add(change);
        pending.Add(change);
    }
}
