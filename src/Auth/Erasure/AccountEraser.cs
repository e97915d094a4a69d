using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Throughline.Auth.Accounts;
using Throughline.Auth.Admin;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;

namespace Throughline.Auth.Erasure;

/// <summary>Erases an account here, and leaves the tombstone that makes every other service do the same.</summary>
internal sealed class AccountEraser(
    AuthDb db, DatabaseWriter writer, ChangeLog changes, AuditLog audit, Administrators administrators, ErasureLedger ledger, MailFolder mail, TimeProvider time)
{
    public const string Holder = "auth";

    public async Task<EraseOutcome> EraseAsync(User user, CancellationToken cancellationToken)
    {
        // Random in all its bits, unlike our other ids: whoever holds it may read the receipt.
        var entry = new LedgerEntry(time.GetUtcNow(), user.Id, Guid.NewGuid());
        await using var write = await writer.BeginAsync(cancellationToken);
        if (await administrators.IsLastAsync(user.Id, cancellationToken)) return new(null, IsLastAdmin: true);
        if (!await AddErasureAsync(entry, "By its owner.", cancellationToken)) return new(null);
        await write.CommitAsync(cancellationToken);
        ledger.Append(entry);
        return new(entry.ErasureId);
    }

    /// <summary>Does again what the database has forgotten since it was restored from a backup. Repeating it changes nothing.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public async Task<bool> EraseAgainAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (!await AddErasureAsync(entry, "Once more, after the database was restored from a backup.", cancellationToken)) return false;
        await write.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<bool> AddErasureAsync(LedgerEntry entry, string why, CancellationToken cancellationToken)
    {
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == entry.UserId, cancellationToken);
        // Nobody to erase, and everybody knows.
        if (known is null && await db.Changes.AnyAsync(c => c.UserId == entry.UserId && c.Kind == ChangeKind.Deleted, cancellationToken)) return false;

        var erasure = new AccountErasure { Id = entry.ErasureId, UserId = entry.UserId, RequestedAt = entry.At };
        if (known is not null) erasure.Items.AddRange(await EraseRowsAsync(entry, known.Email!, cancellationToken));
        await db.Erasures.Where(e => e.UserId == entry.UserId).ExecuteDeleteAsync(cancellationToken);
        db.Erasures.Add(erasure);
        await changes.UserDeletedAsync(entry.UserId, known?.Version ?? 0, cancellationToken);
        await audit.AddAsync(new(AuditEvents.AccountDeleted, AuditOutcome.Success, entry.UserId, Detail: why), cancellationToken);
        return true;
    }

    private async Task<IReadOnlyList<ErasureItem>> EraseRowsAsync(LedgerEntry entry, string email, CancellationToken cancellationToken)
    {
        var user = entry.UserId;
        var sessions = db.Sessions.Where(s => s.UserId == user);
        var refreshTokens = await db.RefreshTokens.CountAsync(t => sessions.Any(s => s.Id == t.SessionId), cancellationToken);
        var mailed = await db.OneTimeCodes.Where(c => c.UserId == user).ExecuteDeleteAsync(cancellationToken);
        var recovery = await db.RecoveryCodes.Where(c => c.UserId == user).ExecuteDeleteAsync(cancellationToken);
        // Codes of the authorization flow name the user, those of devices the session that was begun for them; as text, and hanging on nothing.
        string[] subjects = [user.ToString(), .. (await sessions.Select(s => s.Id).ToListAsync(cancellationToken)).Select(id => id.ToString())];
        var given = await db.Set<OpenIddictEntityFrameworkCoreToken>().Where(t => subjects.Contains(t.Subject)).ExecuteDeleteAsync(cancellationToken);
        (string What, int Count)[] erased =
        [
            ("api_keys", await db.ApiKeys.Where(k => k.UserId == user).ExecuteDeleteAsync(cancellationToken)),
            ("codes", mailed + recovery + given),
            ("mails", mail.Erase(email)), // of this node; elsewhere they go with their age
            ("passkeys", await db.UserPasskeys.Where(p => p.UserId == user).ExecuteDeleteAsync(cancellationToken)),
            ("refresh_tokens", refreshTokens), // which go with their sessions
            ("sessions", await sessions.ExecuteDeleteAsync(cancellationToken)),
            ("profile", await db.Users.Where(u => u.Id == user).ExecuteDeleteAsync(cancellationToken)),
        ];
        return [.. erased.Select(e => new ErasureItem { ErasureId = entry.ErasureId, Holder = Holder, What = e.What, Count = e.Count, At = time.GetUtcNow() })];
    }
}

/// <param name="Receipt">The receipt's id; null where nothing was erased, because the account is gone already or stays.</param>
/// <param name="IsLastAdmin">It is the last administrator's, who stays.</param>
internal sealed record EraseOutcome(Guid? Receipt, bool IsLastAdmin = false);
