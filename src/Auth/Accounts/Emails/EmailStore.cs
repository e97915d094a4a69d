using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts.Emails;

/// <summary>
/// Confirms e-mails. Whoever signed up with somebody else's e-mail, and waited, is signed out when its owner confirms it.
/// </summary>
internal sealed class EmailStore(
    AuthDb db, DatabaseWriter writer, SessionStore sessions, OneTimeCodes codes, ChangeLog changes, AuditLog audit)
{
    /// <param name="caller">Whose session stays, if it is the same user's.</param>
    /// <returns>False where the code is spent, expired or not ours.</returns>
    public async Task<bool> VerifyAsync(string code, AccessToken? caller, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (await codes.FindAsync(code, OneTimeCodes.VerifyEmail, cancellationToken) is not { } id
            || !await codes.TryRedeemAsync(code, OneTimeCodes.VerifyEmail, cancellationToken)) return false;

        var user = await db.Users.SingleAsync(u => u.Id == id, cancellationToken);
        if (!user.EmailConfirmed)
        {
            user.EmailConfirmed = true;
            user.Version++;
            changes.UserUpserted(user);
        }
        await audit.AddAsync(new(AuditEvents.EmailVerified, AuditOutcome.Success, id), cancellationToken);
        var keep = caller is { IsService: false } && caller.UserId == id ? caller.SessionId : (Guid?)null;
        await sessions.AddRevocationsAsync(id, keep, "The e-mail was confirmed.", cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }
}
