using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;

namespace Throughline.Auth.Passkeys;

/// <summary>
/// What a challenge was made of, kept by the browser until its answer: sealed, for five minutes, for adding or for signing in. So asking
/// for a challenge, which anybody may, writes nothing. That it is used once is written with its use, in the same transaction.
/// </summary>
internal sealed class PasskeyStates(AuthDb db, IDataProtectionProvider protection, TimeProvider time)
{
    public const string Adding = "passkey.add";
    public const string LoggingIn = "passkey.login";
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>What <see cref="OneTimeCode.Purpose"/> says of a state that was used.</summary>
    public const string Spent = "passkey.spent";

    public string Seal(string state, string purpose) => ProtectorFor(purpose).Protect(state, Lifetime);

    /// <returns>Null where it is not ours, not for this, or over.</returns>
    public string? Open(string? sealedState, string purpose)
    {
        if (string.IsNullOrEmpty(sealedState)) return null;
        try
        {
            return ProtectorFor(purpose).Unprotect(sealedState);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Marks the state used, in the caller's transaction (<see cref="DatabaseWriter.BeginAsync"/>), where only one at a time is.</summary>
    /// <returns>False where it was used before.</returns>
    public async Task<bool> TrySpendAsync(string state, Guid userId, CancellationToken cancellationToken)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(state));
        if (await db.OneTimeCodes.AnyAsync(c => c.Hash == hash, cancellationToken)) return false;
        db.OneTimeCodes.Add(new() { Hash = hash, UserId = userId, Purpose = Spent, ExpiresAt = time.GetUtcNow() + Lifetime });
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private ITimeLimitedDataProtector ProtectorFor(string purpose) => protection.CreateProtector("passkey states", purpose).ToTimeLimitedDataProtector();
}
