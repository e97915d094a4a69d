using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;

namespace Throughline.Auth.Accounts;

/// <summary>Accounts. Whatever changes one is written together with its entry in the outbox.</summary>
internal sealed class AccountStore(
    AuthDb db, DatabaseWriter writer, ChangeLog changes, AuditLog audit, UserManager<User> identity, TimeProvider time)
{
    /// <summary>Adds an account.</summary>
    /// <returns>False where the e-mail is taken.</returns>
    public async Task<bool> TryAddAsync(User user, CancellationToken cancellationToken)
    {
        user.CreatedAt = time.GetUtcNow();
        user.Id = Guid.CreateVersion7(user.CreatedAt);
        await using var write = await writer.BeginAsync(cancellationToken);
        // Whoever adds an account does it in such a transaction, so one that is looked for here and not there will not come meanwhile.
        var added = await identity.CreateAsync(user);
        if (!added.Succeeded)
            return added.Errors.All(e => e.Code is nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName))
                ? false
                : throw new InvalidOperationException($"The account was refused: {string.Join(' ', added.Errors.Select(e => e.Code))}");
        changes.UserUpserted(user);
        await audit.AddAsync(new(AuditEvents.AccountCreated, AuditOutcome.Success, user.Id, Detail: $"Role {user.Role}."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    public Task<User?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken);

    public Task<User?> FindByEmailAsync(string email, CancellationToken cancellationToken)
    {
        var normalized = identity.NormalizeEmail(email);
        return db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancellationToken);
    }

    /// <summary>Changes the name, if the account is still at <paramref name="version"/>.</summary>
    /// <returns>The account as it is now, or null where it changed meanwhile.</returns>
    public async Task<User?> RenameAsync(Guid id, string name, long? version, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken); // from here to the commit nobody else changes an account
        if (await db.Users.SingleOrDefaultAsync(u => u.Id == id && (version == null || u.Version == version), cancellationToken) is not { } user) return null;
        user.Name = name;
        user.Version++;
        changes.UserUpserted(user);
        await audit.AddAsync(new(AuditEvents.AccountChanged, AuditOutcome.Success, id, Detail: "The name."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return user;
    }

    /// <summary>Replaces the hash by one of today's settings, unless the password was changed meanwhile. Nobody else needs to hear of it.</summary>
    public Task RehashAsync(User user, string hash, CancellationToken cancellationToken) => db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
        .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash), cancellationToken);
}
