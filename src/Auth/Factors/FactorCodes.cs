using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;

namespace Throughline.Auth.Factors;

/// <summary>How a code was taken, or why it was not.</summary>
/// <param name="Method">As in <c>Session.Method</c>; null for a code that is not right, or not any more.</param>
/// <param name="Wait">How long until another one is looked at.</param>
internal readonly record struct CodeVerdict(string? Method, TimeSpan? Wait);

/// <summary>Takes codes of an account's second factor, each once: one atomic statement decides who of several callers had it first.</summary>
internal sealed class FactorCodes(
    AuthDb db, DatabaseWriter writer, AuditLog audit, TotpSecrets secrets, CodeGuesses guesses, TimeProvider time)
{
    public const string Totp = "totp";
    public const string RecoveryCode = "recovery_code";

    /// <param name="code">Of the authenticator, or a recovery code: they look different.</param>
    public async Task<CodeVerdict> TakeAsync(User user, string code, CancellationToken cancellationToken)
    {
        var text = code.Replace(" ", "", StringComparison.Ordinal);
        if (!Authenticator.LooksLikeCode(text))
            return new(await SpendAsync(user, text, cancellationToken) ? RecoveryCode : null, null);

        if (guesses.TryCharge(user.Id) is { } wait) return new(null, wait);
        if (user.TotpSecret is not { } secret
            || Authenticator.StepOf(secrets.Open(user.Id, secret), text, time.GetUtcNow()) is not { } step
            || !await AdvanceAsync(user.Id, step, cancellationToken)) return default;
        guesses.Forget(user.Id);
        return new(Totp, null);
    }

    private async Task<bool> AdvanceAsync(Guid userId, long step, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        var advanced = await db.Users.Where(u => u.Id == userId && u.TwoFactorEnabled && u.TotpLastStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TotpLastStep, step), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return advanced == 1;
    }

    private async Task<bool> SpendAsync(User user, string code, CancellationToken cancellationToken)
    {
        var hash = RecoveryCodeText.HashOf(code);
        if (!await db.RecoveryCodes.AnyAsync(c => c.UserId == user.Id && c.Hash == hash, cancellationToken)) return false;

        await using var write = await writer.BeginAsync(cancellationToken);
        var spent = await db.RecoveryCodes.Where(c => c.UserId == user.Id && c.Hash == hash).ExecuteDeleteAsync(cancellationToken);
        if (spent == 0) return false;
        var left = await db.RecoveryCodes.CountAsync(c => c.UserId == user.Id, cancellationToken);
        await audit.AddAsync(new(AuditEvents.TotpChanged, AuditOutcome.Success, user.Id, Detail: $"A recovery code was used; {left} are left."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }
}
