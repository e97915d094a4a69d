using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Factors;

/// <summary>What can go wrong with second factors; clients match on the codes.</summary>
internal static class FactorProblems
{
    /// <summary>Not 401: the caller's token is good, and a client must not try to renew it.</summary>
    public static ProblemHttpResult WrongPassword() => Problems.Invalid("password", "This is not your password.", "invalid_credentials");

    public static ProblemHttpResult CodeRequired() =>
        Problems.Of(StatusCodes.Status401Unauthorized, "totp_required", "Enter the code of your authenticator.", "A recovery code does as well.");

    public static ProblemHttpResult CodeNotRight() => Problems.Of(
        StatusCodes.Status401Unauthorized, "totp_required", "This code is not right, or was used before.",
        "Wait for the next code of your authenticator, or use a recovery code.");

    public static ProblemHttpResult WrongCode() =>
        Problems.Invalid("code", "This code is not right, or was used before. Wait for the next one.");

    public static ProblemHttpResult AlreadyOn() => Problems.Of(
        StatusCodes.Status409Conflict, "totp_enabled", "An authenticator protects this account already.", "Remove it first.");

    public static ProblemHttpResult NotOn() =>
        Problems.Of(StatusCodes.Status409Conflict, "totp_disabled", "No authenticator protects this account.", "Add one first.");
}
