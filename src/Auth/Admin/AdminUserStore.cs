using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Admin;

/// <summary>Accounts as administrators see and change them.</summary>
internal sealed class AdminUserStore(
    AuthDb db, DatabaseWriter writer, SessionStore sessions, OneTimeCodes codes, Administrators administrators, ChangeLog changes, AuditLog audit, TimeProvider time)
{
    /// <summary>Newest first: ids sort by the time of sign-up.</summary>
    /// <param name="query">Part of the e-mail or the name; null for all.</param>
    /// <param name="before">The last id of the page before; null for the first page.</param>
    public Task<List<AdminUser>> ListAsync(string? query, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var users = db.Users.AsNoTracking();
        if (before is { } last) users = users.Where(u => u.Id < last);
        if (query?.Trim().ToUpperInvariant() is { Length: > 0 } part)
#pragma warning disable CA1862 // the database compares, which knows upper() but no StringComparison
            users = users.Where(u => u.NormalizedEmail!.Contains(part) || u.Name.ToUpper().Contains(part));
#pragma warning restore CA1862
        return Describe(users.OrderByDescending(u => u.Id).Take(limit)).ToListAsync(cancellationToken);
    }

    public Task<AdminUser?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        Describe(db.Users.AsNoTracking().Where(u => u.Id == id)).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Changes what the patch names. Whoever is disabled, or is an administrator no longer, is signed out in the same transaction.</summary>
    /// <param name="version">The version it is meant for; null for any.</param>
    public async Task<AdminChange> ChangeAsync(Guid id, AdminUserPatch patch, long? version, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (user is null) return AdminChange.NoUser;
        if (version is not null && user.Version != version) return AdminChange.Stale;

        var (tier, role, isDisabled) = (patch.Tier ?? user.Tier, patch.Role ?? user.Role, patch.Disabled ?? user.IsDisabled);
        if ((tier, role, isDisabled) == (user.Tier, user.Role, user.IsDisabled)) return AdminChange.Done;
        var losesRole = user.Role == Standing.AdminRole && role != Standing.AdminRole;
        var isShutOut = isDisabled && !user.IsDisabled;
        if ((losesRole || isShutOut) && await administrators.IsLastAsync(id, cancellationToken)) return AdminChange.LastAdmin;

        var what = Describe(user, tier, role, isDisabled);
        (user.Tier, user.Role, user.IsDisabled) = (tier, role, isDisabled);
        user.Version++;
        changes.UserUpserted(user);
        await audit.AddAsync(new(AuditEvents.AdminAction, AuditOutcome.Success, id, Detail: what), cancellationToken);
        if (isShutOut) await codes.VoidAsync(id, purpose: null, cancellationToken);
        if (losesRole || isShutOut)
            await sessions.AddRevocationsAsync(id, keep: null, isShutOut ? "The account was disabled." : "The role was taken.", cancellationToken);
        await write.CommitAsync(cancellationToken);
        return AdminChange.Done;
    }

    /// <returns>False where there is no such user.</returns>
    public async Task<bool> SignOutAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (!await db.Users.AnyAsync(u => u.Id == id, cancellationToken)) return false;
        var ended = await sessions.AddRevocationsAsync(id, keep: null, "By an administrator.", cancellationToken);
        await audit.AddAsync(new(AuditEvents.AdminAction, AuditOutcome.Success, id, Detail: $"Signed out everywhere: sessions {ended}."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    private static string Describe(User user, string tier, string role, bool isDisabled)
    {
        var parts = new List<string>();
        if (tier != user.Tier) parts.Add($"tier {user.Tier} → {tier}");
        if (role != user.Role) parts.Add($"role {user.Role} → {role}");
        if (isDisabled != user.IsDisabled) parts.Add(isDisabled ? "disabled" : "enabled");
        return string.Join(", ", parts);
    }

    private IQueryable<AdminUser> Describe(IQueryable<User> users)
    {
        var now = time.GetUtcNow();
        return users.Select(u => new AdminUser(
            u.Id, u.Email!, u.Name, u.Tier, u.Role, u.IsDisabled, u.EmailConfirmed, u.TwoFactorEnabled,
            db.Sessions.Count(s => s.UserId == u.Id && s.RevokedAt == null && s.ExpiresAt > now), u.Version, u.CreatedAt,
            db.Sessions.Where(s => s.UserId == u.Id).Max(s => (DateTimeOffset?)s.LastSeenAt)));
    }
}

/// <summary>How an administrator's change ended.</summary>
internal enum AdminChange
{
    Done,
    NoUser,
    Stale,
    LastAdmin,
}
