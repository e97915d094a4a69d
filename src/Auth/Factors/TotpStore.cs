using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Factors;

/// <summary>Turns an account's second factor on and off. Each change ends what was signed in before it, but for the session that makes it.</summary>
internal sealed class TotpStore(AuthDb db, DatabaseWriter writer, SessionStore sessions, AuditLog audit, TotpSecrets secrets, TimeProvider time)
{
    /// <summary>Makes a secret. It protects nothing until its first code confirms that the authenticator has it.</summary>
    /// <returns>Null where a second factor is on.</returns>
    public async Task<byte[]?> BeginAsync(User user, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(Authenticator.SecretSize);
        var stored = secrets.Seal(user.Id, secret);
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        var begun = await db.Users.Where(u => u.Id == user.Id && !u.TwoFactorEnabled).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.TotpSecret, stored).SetProperty(u => u.TotpLastStep, 0), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return begun == 1 ? secret : null;
    }

    /// <returns>The recovery codes, or null where the code is not right or there is nothing to confirm.</returns>
    public async Task<List<string>?> ConfirmAsync(LiveSession live, string code, CancellationToken cancellationToken)
    {
        var user = live.User;
        if (user.TotpSecret is not { } secret || Authenticator.StepOf(secrets.Open(user.Id, secret), code, time.GetUtcNow()) is not { } step) return null;

        await using var write = await writer.BeginAsync(cancellationToken);
        // The very secret that the code is of: another setup may have begun meanwhile.
        var isOn = await db.Users.Where(u => u.Id == user.Id && !u.TwoFactorEnabled && u.TotpSecret == secret).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.TwoFactorEnabled, true).SetProperty(u => u.TotpLastStep, step), cancellationToken);
        if (isOn == 0) return null;
        var codes = await ReplaceCodesAsync(user.Id, cancellationToken);
        await sessions.AddRevocationsAsync(user.Id, live.Session.Id, "An authenticator was added.", cancellationToken);
        await audit.AddAsync(new(AuditEvents.TotpChanged, AuditOutcome.Success, user.Id, Detail: "An authenticator was added."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return codes;
    }

    /// <returns>Null where no second factor is on.</returns>
    public async Task<List<string>?> RenewCodesAsync(User user, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (!await db.Users.AnyAsync(u => u.Id == user.Id && u.TwoFactorEnabled, cancellationToken)) return null;
        var codes = await ReplaceCodesAsync(user.Id, cancellationToken);
        await audit.AddAsync(new(AuditEvents.TotpChanged, AuditOutcome.Success, user.Id, Detail: "The recovery codes were replaced."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return codes;
    }

    public async Task RemoveAsync(LiveSession live, CancellationToken cancellationToken)
    {
        var user = live.User;
        await using var write = await writer.BeginAsync(cancellationToken);
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.TwoFactorEnabled, false).SetProperty(u => u.TotpSecret, (byte[]?)null), cancellationToken);
        await db.RecoveryCodes.Where(c => c.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await sessions.AddRevocationsAsync(user.Id, live.Session.Id, "The authenticator was removed.", cancellationToken);
        await audit.AddAsync(new(AuditEvents.TotpChanged, AuditOutcome.Success, user.Id, Detail: "The authenticator was removed."), cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<List<string>> ReplaceCodesAsync(Guid userId, CancellationToken cancellationToken)
    {
        var codes = RecoveryCodeText.NewSet();
        await db.RecoveryCodes.Where(c => c.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { UserId = userId, Hash = RecoveryCodeText.HashOf(code) }));
        await db.SaveChangesAsync(cancellationToken);
        return codes;
    }
}
