using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Factors;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

internal static class LoginEndpoint
{
    public static async Task<Results<NoContent, ProblemHttpResult>> LogInAsync(
        LoginRequest request, HttpContext context, OwnOrigins origins, AccountStore accounts, SessionStore sessions,
        PasswordWork passwords, FailedLogins failures, LoginLimit limit, SecondFactor secondFactor, AuditLog audit, CancellationToken cancellationToken)
    {
        if (!await origins.AllowAsync(context.Request, cancellationToken)) return AccountProblems.ForeignOrigin();
        if (string.IsNullOrEmpty(request.Email)) return Problems.Invalid("email", "Enter your e-mail address.");
        if (string.IsNullOrEmpty(request.Password)) return Problems.Invalid("password", "Enter your password.");

        var device = Device.Of(context);
        if (await failures.WaitForAsync(device, request.Email, cancellationToken) is { } wait) return AccountProblems.TooMany(context, wait);
        await using var attempt = await limit.BeginAsync(context, device, request.Email, cancellationToken);
        if (attempt.Refusal is { } refused) return refused;

        // The same steps, the costly one included, whether or not there is such an account.
        var user = await accounts.FindByEmailAsync(request.Email, cancellationToken);
        var verified = await passwords.VerifyAsync(user, request.Password, cancellationToken);
        if (verified is null) return AccountProblems.Busy(context);
        // Guesses that came at once all passed above; those whose turn ends after the wait began learn nothing, whether right or wrong.
        if (await failures.WaitForAsync(device, request.Email, cancellationToken) is { } late) return AccountProblems.TooMany(context, late);
        if (verified == PasswordVerificationResult.Failed || user is null or { IsDisabled: true })
        {
            failures.Charge(device, request.Email);
            attempt.Fail();
            // A caller who has gone away leaves a trace all the same.
            await audit.WriteAsync(FailureOf(user, verified.Value), CancellationToken.None);
            return AccountProblems.InvalidCredentials();
        }

        var (method, refusal) = await secondFactor.CheckAsync(context, user, request.Totp, cancellationToken);
        if (refusal is not null) return refusal;

        if (await sessions.BeginAsync(user, device, method, cancellationToken) is not { } session) return AccountProblems.InvalidCredentials();
        failures.Forgive(device, request.Email);
        if (verified == PasswordVerificationResult.SuccessRehashNeeded
            && await passwords.HashAsync(user, request.Password, cancellationToken) is { } hash)
            await accounts.RehashAsync(user, hash, cancellationToken);
        await SignInCookie.LeaveAsync(context, session);
        return TypedResults.NoContent();
    }

    private static AuditEvent FailureOf(User? user, PasswordVerificationResult verified) => user switch
    {
        null => new(AuditEvents.Login, AuditOutcome.Failure, null, Detail: "No account has this e-mail."),
        { IsDisabled: true } when verified != PasswordVerificationResult.Failed =>
            new(AuditEvents.Login, AuditOutcome.Denied, user.Id, Detail: "The account is disabled."),
        _ => new(AuditEvents.Login, AuditOutcome.Failure, user.Id, Detail: "Wrong password."),
    };
}
