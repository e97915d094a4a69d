using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts.Passwords;

/// <summary><c>/auth/password</c>: forgotten, reset by mail, changed.</summary>
internal static class PasswordEndpoints
{
    public static void MapPasswords(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/auth/password").WithTags("Accounts");
        open.MapPost("/forgot", Forgot).AllowAnonymous();
        open.MapPost("/reset", ResetAsync).AllowAnonymous();

        var own = routes.MapGroup("/auth/password").RequireLiveSession().WithTags("Accounts");
        own.MapPost("/change", ChangeAsync);
    }

    /// <summary>Looks nothing up: the answer cannot tell, by its words or its time, whether there is such an account.</summary>
    private static Results<Accepted, ProblemHttpResult> Forgot(ForgotPassword request, HttpContext context, CodeLimits limits, ForgottenPasswords forgotten)
    {
        if (!SignUpRules.IsEmail(request.Email)) return Problems.Invalid("email", "Enter your e-mail address.");
        var device = Device.Of(context);
        if (limits.TryAsk(device) is { } wait) return AccountProblems.TooMany(context, wait);
        return forgotten.TryAccept(new(request.Email, device)) ? TypedResults.Accepted((string?)null) : AccountProblems.Busy(context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetAsync(
        PasswordReset request, HttpContext context, CodeLimits limits, OneTimeCodes codes, AccountStore accounts, PasswordStore store,
        PasswordWork passwords, FailedLogins failures, Mailer mailer, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var device = Device.Of(context);
        if (limits.WaitAfterBadCodes(device) is { } wait) return AccountProblems.TooMany(context, wait);
        if (await FindOwnerAsync(request.Code, codes, accounts, cancellationToken) is not { } user)
        {
            limits.ChargeBadCode(device);
            await audit.WriteAsync(new(AuditEvents.PasswordReset, AuditOutcome.Failure, null, Detail: "The code is spent, expired or made up."), CancellationToken.None);
            return AccountProblems.SpentCode();
        }

        // A password that is refused leaves the code good for another.
        if (SignUpRules.CheckNewPassword(request.Password, user) is { } problem) return problem;
        if (await passwords.HashAsync(user, request.Password, cancellationToken) is not { } hash) return AccountProblems.Busy(context);
        if (!await store.ResetAsync(user, request.Code, hash, cancellationToken)) return AccountProblems.SpentCode();

        failures.Release(user.Email!);
        await mailer.SendAsync(user, MailText.PasswordWasReset(user.Name, time.GetUtcNow(), device), CancellationToken.None);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangeAsync(
        PasswordChange request, HttpContext context, PasswordStore store, PasswordWork passwords, FailedLogins failures, Mailer mailer,
        AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var (session, user) = context.LiveSession();
        var device = Device.Of(context);
        if (string.IsNullOrEmpty(request.Current)) return Problems.Invalid("current", "Enter your present password.");
        if (SignUpRules.CheckNewPassword(request.Password, user) is { } problem) return problem;
        if (request.Current == request.Password) return Problems.Invalid("password", "Choose a password that differs from the present one.");

        // Counted with failed sign-ins: an open browser is no way around their limits.
        if (await failures.WaitForAsync(device, user.Email!, cancellationToken) is { } wait) return AccountProblems.TooMany(context, wait);
        var verified = await passwords.VerifyAsync(user, request.Current, cancellationToken);
        if (verified is null) return AccountProblems.Busy(context);
        if (await failures.WaitForAsync(device, user.Email!, cancellationToken) is { } late) return AccountProblems.TooMany(context, late);
        if (verified == PasswordVerificationResult.Failed)
        {
            failures.Charge(device, user.Email!);
            await audit.WriteAsync(new(AuditEvents.PasswordChanged, AuditOutcome.Failure, user.Id, Detail: "Wrong present password."), CancellationToken.None);
            return AccountProblems.WrongPassword();
        }

        failures.Forgive(device, user.Email!);
        if (await passwords.HashAsync(user, request.Password, cancellationToken) is not { } hash) return AccountProblems.Busy(context);
        if (!await store.ChangeAsync(user, hash, session.Id, cancellationToken)) return AccountProblems.WrongPassword();
        await mailer.SendAsync(user, MailText.PasswordChanged(user.Name, time.GetUtcNow(), device), CancellationToken.None);
        return TypedResults.NoContent();
    }

    private static async Task<User?> FindOwnerAsync(string? code, OneTimeCodes codes, AccountStore accounts, CancellationToken cancellationToken) =>
        code is { Length: > 0 } && await codes.FindAsync(code, OneTimeCodes.ResetPassword, cancellationToken) is { } id
            ? await accounts.FindAsync(id, cancellationToken)
            : null;
}
