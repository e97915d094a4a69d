using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Accounts.Passwords;

/// <summary>Replaces passwords. The sessions that the old one opened end in the same transaction; API keys stay, and the notice says so.</summary>
internal sealed class PasswordStore(
    AuthDb db, DatabaseWriter writer, SessionStore sessions, OneTimeCodes codes, ChangeLog changes, AuditLog audit, TimeProvider time)
{
    /// <summary>Sets a new password where the old one is still <paramref name="user"/>'s.</summary>
    /// <returns>False where another change was faster.</returns>
    public async Task<bool> ChangeAsync(User user, string hash, Guid keepSession, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var now = time.GetUtcNow();
        var updated = await db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PasswordHash, hash).SetProperty(u => u.PasswordChangedAt, now), cancellationToken);
        if (updated == 0) return false;
        await codes.VoidAsync(user.Id, OneTimeCodes.ResetPassword, cancellationToken);
        await audit.AddAsync(new(AuditEvents.PasswordChanged, AuditOutcome.Success, user.Id), cancellationToken);
        await sessions.AddRevocationsAsync(user.Id, keepSession, "The password was changed.", cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Sets a new password by a code from the mail, which also shows whose the e-mail is.</summary>
    /// <returns>False where the code was spent meanwhile.</returns>
    public async Task<bool> ResetAsync(User user, string code, string hash, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (!await codes.TryRedeemAsync(code, OneTimeCodes.ResetPassword, cancellationToken)) return false;
        await codes.VoidAsync(user.Id, purpose: null, cancellationToken);

        var now = await db.Users.SingleAsync(u => u.Id == user.Id, cancellationToken);
        (now.PasswordHash, now.PasswordChangedAt) = (hash, time.GetUtcNow());
        await audit.AddAsync(new(AuditEvents.PasswordReset, AuditOutcome.Success, user.Id), cancellationToken);
        if (!now.EmailConfirmed)
        {
            now.EmailConfirmed = true;
            now.Version++;
            changes.UserUpserted(now);
            await audit.AddAsync(new(AuditEvents.EmailVerified, AuditOutcome.Success, user.Id, Detail: "By a new password."), cancellationToken);
        }
        await sessions.AddRevocationsAsync(user.Id, keep: null, "The password was reset.", cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }
}
