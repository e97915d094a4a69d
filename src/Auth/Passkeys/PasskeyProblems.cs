using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Passkeys;

/// <summary>What can go wrong with passkeys; clients match on the codes.</summary>
internal static class PasskeyProblems
{
    public static ProblemHttpResult NotAccepted() => Problems.Of(
        StatusCodes.Status400BadRequest, "invalid_passkey", "The passkey was not accepted.",
        "Begin again: a challenge is good for one answer and five minutes, on a page of this site, with a device that checks who you are.");

    /// <summary>The same for one that nobody has, a wrong one, a challenge that is spent or over, and a disabled account.</summary>
    public static ProblemHttpResult NotKnown() => Problems.Of(
        StatusCodes.Status401Unauthorized, "invalid_credentials", "No account can be signed in with this passkey.",
        "Try again, or sign in with your password.");

    public static ProblemHttpResult TooMany() => Problems.Of(
        StatusCodes.Status409Conflict, "too_many_passkeys", "This account has as many passkeys as one may have.", "Remove one first.");

    public static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such passkey.");
}
