using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

/// <summary>What can go wrong with accounts; clients match on the codes.</summary>
internal static class AccountProblems
{
    public static ProblemHttpResult EmailTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "email_taken", "An account with this e-mail exists.", "Sign in instead, or use another e-mail.");

    /// <summary>Word for word the same for a wrong password, an unknown e-mail and a disabled account.</summary>
    public static ProblemHttpResult InvalidCredentials() =>
        Problems.Of(StatusCodes.Status401Unauthorized, "invalid_credentials", "The e-mail or the password is not right.");

    /// <summary>Not 401: the caller's token is good, and a client must not try to renew it.</summary>
    public static ProblemHttpResult WrongPassword() => Problems.Invalid("current", "This is not your password.", "invalid_credentials");

    public static ProblemHttpResult SpentCode() => Problems.Invalid(
        "code", "This link was used, has expired, or was replaced by a newer one. Ask for another.", "invalid_code");

    public static ProblemHttpResult AlreadyVerified() =>
        Problems.Of(StatusCodes.Status409Conflict, "already_verified", "Your e-mail address is confirmed already.");

    public static ProblemHttpResult Busy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "Too many people are signing in at this moment.", "Try again in a second.");
    }

    /// <summary>Fails closed: attempts that cannot be counted are not made.</summary>
    public static ProblemHttpResult SignInClosed(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "10"; // then the store is tried again
        return Problems.Of(
            StatusCodes.Status503ServiceUnavailable, "unavailable", "Signing in is closed for a moment: a part of the service that guards it does not answer.",
            "Whoever is signed in stays signed in. Try again in 10 seconds.");
    }

    public static ProblemHttpResult TooMany(HttpContext context, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        return Problems.Of(StatusCodes.Status429TooManyRequests, "rate_limited", "Too many attempts.", $"Try again in {seconds} seconds.");
    }

    public static ProblemHttpResult ForeignOrigin() =>
        Problems.Of(StatusCodes.Status403Forbidden, "foreign_origin", "A page of another site may not sign you in.");

    public static ProblemHttpResult Changed() => Problems.Of(
        StatusCodes.Status412PreconditionFailed, "precondition_failed", "The profile changed meanwhile.", "Read it again, then repeat your change.");
}
