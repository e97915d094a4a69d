using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Passkeys;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Factors;

/// <summary><c>/auth/mfa</c>: what protects the account besides its password.</summary>
internal static class FactorEndpoints
{
    public static IServiceCollection AddFactors(this IServiceCollection services)
    {
        services.AddSingleton<TotpSecrets>();
        services.AddSingleton<CodeGuesses>();
        services.AddScoped<FactorCodes>();
        services.AddScoped<SecondFactor>();
        services.AddScoped<TotpStore>();
        services.AddSingleton<FactorNotice>();
        services.AddScoped<PasswordConfirmation>();
        return services;
    }

    public static void MapFactors(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/auth/mfa").RequireLiveSession().WithTags("Factors");
        group.MapGet("", ReadAsync);
        group.MapPost("/totp/begin", BeginAsync);
        group.MapPost("/totp/confirm", ConfirmAsync);
        group.MapPost("/totp/recovery-codes", RenewCodesAsync);
        group.MapPost("/totp/remove", RemoveAsync);
    }

    private static async Task<Ok<AccountFactors>> ReadAsync(HttpContext context, AuthDb db, PasskeyStore passkeys, CancellationToken cancellationToken)
    {
        var user = context.LiveSession().User;
        var codes = user.TwoFactorEnabled ? await db.RecoveryCodes.CountAsync(c => c.UserId == user.Id, cancellationToken) : 0;
        return TypedResults.Ok(new AccountFactors(user.TwoFactorEnabled, codes, await passkeys.ListAsync(user, cancellationToken)));
    }

    private static async Task<Results<Ok<TotpSetup>, ProblemHttpResult>> BeginAsync(
        PasswordProof proof, HttpContext context, PasswordConfirmation confirmation, TotpStore store, CancellationToken cancellationToken)
    {
        if (await confirmation.CheckAsync(context, proof.Password, AuditEvents.TotpChanged, cancellationToken) is { } refusal) return refusal;
        var user = context.LiveSession().User;
        return await store.BeginAsync(user, cancellationToken) is { } secret
            ? TypedResults.Ok(new TotpSetup(Authenticator.ToBase32(secret), Authenticator.UriOf(secret, user.Email!)))
            : FactorProblems.AlreadyOn();
    }

    private static async Task<Results<Ok<RecoveryCodes>, ProblemHttpResult>> ConfirmAsync(
        TotpCode code, HttpContext context, TotpStore store, CodeGuesses guesses, FactorNotice notice, CancellationToken cancellationToken)
    {
        var live = context.LiveSession();
        if (live.User.TwoFactorEnabled) return FactorProblems.AlreadyOn();
        if (string.IsNullOrWhiteSpace(code.Code)) return Problems.Invalid("code", "Enter the six digits that your authenticator shows.");
        if (guesses.TryCharge(live.User.Id) is { } wait) return AccountProblems.TooMany(context, wait);
        if (await store.ConfirmAsync(live, code.Code.Replace(" ", "", StringComparison.Ordinal), cancellationToken) is not { } codes)
            return FactorProblems.WrongCode();
        guesses.Forget(live.User.Id);
        await notice.SendAsync(context, "An authenticator was added to your account.");
        return TypedResults.Ok(new RecoveryCodes(codes));
    }

    private static async Task<Results<Ok<RecoveryCodes>, ProblemHttpResult>> RenewCodesAsync(
        PasswordProof proof, HttpContext context, PasswordConfirmation confirmation, TotpStore store, FactorNotice notice,
        CancellationToken cancellationToken)
    {
        if (await confirmation.CheckAsync(context, proof.Password, AuditEvents.TotpChanged, cancellationToken) is { } refusal) return refusal;
        if (await store.RenewCodesAsync(context.LiveSession().User, cancellationToken) is not { } codes) return FactorProblems.NotOn();
        await notice.SendAsync(context, "The recovery codes of your account were replaced; the old ones are void.");
        return TypedResults.Ok(new RecoveryCodes(codes));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        TotpRemoval removal, HttpContext context, PasswordConfirmation confirmation, FactorCodes codes, TotpStore store, AuditLog audit,
        FactorNotice notice, CancellationToken cancellationToken)
    {
        if (await confirmation.CheckAsync(context, removal.Password, AuditEvents.TotpChanged, cancellationToken) is { } refusal) return refusal;
        var live = context.LiveSession();
        if (live.User.TwoFactorEnabled)
        {
            if (string.IsNullOrWhiteSpace(removal.Code)) return Problems.Invalid("code", "Enter a code of your authenticator, or a recovery code.");
            var (method, wait) = await codes.TakeAsync(live.User, removal.Code, cancellationToken);
            if (wait is { } rest) return AccountProblems.TooMany(context, rest);
            if (method is null)
            {
                await audit.WriteAsync(
                    new(AuditEvents.TotpChanged, AuditOutcome.Failure, live.User.Id, Detail: "The code given to remove the authenticator was not right."),
                    cancellationToken);
                return FactorProblems.WrongCode();
            }
        }
        await store.RemoveAsync(live, cancellationToken);
        if (live.User.TwoFactorEnabled) await notice.SendAsync(context, "The authenticator was removed from your account.");
        return TypedResults.NoContent();
    }
}
