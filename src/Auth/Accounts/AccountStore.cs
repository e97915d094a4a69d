using System.Data.Common;
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
        try
        {
            var added = await identity.CreateAsync(user);
            if (!added.Succeeded)
                return added.Errors.All(e => e.Code is nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName))
                    ? false
                    : throw new InvalidOperationException($"The account was refused: {string.Join(' ', added.Errors.Select(e => e.Code))}");
        }
        catch (DbUpdateException e) when (e.InnerException is DbException)
        {
            // Another sign-up with the same e-mail was faster by a hair; anything else is not ours to explain.
            if (await IsTakenAsync(user, cancellationToken)) return false;
            throw;
        }
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
        await using var write = await writer.BeginAsync(cancellationToken);
        var updated = await db.Users.Where(u => u.Id == id && (version == null || u.Version == version)).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Name, name).SetProperty(u => u.Version, u => u.Version + 1), cancellationToken);
        if (updated == 0) return null;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == id, cancellationToken);
        changes.UserUpserted(user);
        await audit.AddAsync(new(AuditEvents.AccountChanged, AuditOutcome.Success, id, Detail: "The name."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return user;
    }

    /// <summary>Replaces the hash by one of today's settings, unless the password was changed meanwhile. Nobody else needs to hear of it.</summary>
    public Task RehashAsync(User user, string hash, CancellationToken cancellationToken) => db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
        .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash), cancellationToken);

    private Task<bool> IsTakenAsync(User user, CancellationToken cancellationToken) =>
        db.Users.AsNoTracking().AnyAsync(u => u.NormalizedEmail == user.NormalizedEmail, cancellationToken);
}
