using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;

namespace Throughline.Auth.Changes;

/// <summary>Adds to the outbox, inside the caller's transaction (<see cref="DatabaseWriter.BeginAsync"/>). The caller saves.</summary>
internal sealed class ChangeLog(AuthDb db, TimeProvider time)
{
    public void UserUpserted(User user) => db.Changes.Add(new()
    {
        Kind = "user.upserted",
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
    public void SessionRevoked(Guid userId, long version, Guid? sessionId) => db.Changes.Add(new()
    {
        Kind = "session.revoked",
        UserId = userId,
        Version = version,
        At = time.GetUtcNow(),
        SessionId = sessionId,
        Traceparent = Activity.Current?.Id,
    });

    /// <summary>Leaves a tombstone, and nothing else that ever told of the user.</summary>
    public async Task UserDeletedAsync(User user, CancellationToken cancellationToken)
    {
        await db.Changes.Where(c => c.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        db.Changes.Add(new()
        {
            Kind = "user.deleted",
            UserId = user.Id,
            Version = user.Version + 1,
            At = time.GetUtcNow(),
            IsDisabled = true,
            Traceparent = Activity.Current?.Id,
        });
    }
}
