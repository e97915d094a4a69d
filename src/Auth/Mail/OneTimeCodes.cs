using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;
using Throughline.Auth.Passkeys;

namespace Throughline.Auth.Mail;

/// <summary>Issues and redeems codes, inside the caller's transaction.</summary>
internal sealed class OneTimeCodes(AuthDb db, IOptions<AccountOptions> options, TimeProvider time)
{
    public const string VerifyEmail = "email.verify";
    public const string ResetPassword = "password.reset";

    /// <summary>Issues a code; earlier ones for the same purpose are void.</summary>
    public async Task<string> IssueAsync(Guid userId, string purpose, CancellationToken cancellationToken)
    {
        await VoidAsync(userId, purpose, cancellationToken);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        db.OneTimeCodes.Add(new() { Hash = HashOf(code), UserId = userId, Purpose = purpose, ExpiresAt = time.GetUtcNow() + options.Value.CodeLifetime });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <summary>Whose code it is, without using it up; null for one that is spent, expired or not ours.</summary>
    public Task<Guid?> FindAsync(string code, string purpose, CancellationToken cancellationToken) =>
        Live(code, purpose).Select(c => (Guid?)c.UserId).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Uses the code up. Of two who bring it at once, one succeeds: the row is gone with its use.</summary>
    public async Task<bool> TryRedeemAsync(string code, string purpose, CancellationToken cancellationToken) =>
        await Live(code, purpose).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <param name="purpose">Null for all that are still to be used; what marks a use stays.</param>
    public Task VoidAsync(Guid userId, string? purpose, CancellationToken cancellationToken) => db.OneTimeCodes
        .Where(c => c.UserId == userId && (purpose == null ? c.Purpose != PasskeyStates.Spent : c.Purpose == purpose)).ExecuteDeleteAsync(cancellationToken);

    private IQueryable<OneTimeCode> Live(string code, string purpose)
    {
        var (hash, now) = (HashOf(code), time.GetUtcNow());
        return db.OneTimeCodes.AsNoTracking().Where(c => c.Hash == hash && c.Purpose == purpose && c.ExpiresAt > now);
    }

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
