using System.Security.Cryptography;

namespace Throughline.ServiceDefaults;

/// <summary>
/// How two services disagree about access tokens, each time one sentence that names both and the setting to change. Said by a verifier
/// at its start and in its readiness, and by <c>throughline doctor</c> of a stack that does not run.
/// </summary>
public static class SigningAgreement
{
    /// <summary>Compares what both say openly.</summary>
    /// <param name="service">The verifier.</param>
    /// <returns>Null where they agree; that they also hold the same keys is for the proof to show.</returns>
    public static string? Disagreement(string service, SigningStatement own, SigningStatement auth)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(auth);
        if (own.Contract != auth.Contract)
            return $"{service} and auth speak different versions of the protocol ({own.Contract} and {auth.Contract}): run the same release of both.";
        if (own.Algorithm != auth.Algorithm)
            return own.Algorithm == TokenAlgorithm.Hs256.Name
                ? $"{service} has a {SharedSecret.Setting}, but auth has none: set the same {SharedSecret.Setting} for both, or for neither."
                : $"auth has a {SharedSecret.Setting}, but {service} has none: set the same {SharedSecret.Setting} for both, or for neither.";
        if (own.Issuer != auth.Issuer)
            return $"{service} accepts tokens of the issuer '{own.Issuer}', but auth issues them as '{auth.Issuer}': set Auth:Issuer to the same value for both.";
        return own.Audience == auth.Audience
            ? null
            : $"{service} accepts tokens for '{own.Audience}', but auth issues them for '{auth.Audience}': run the same release of both.";
    }

    public static string DifferentSecrets(string service) =>
        $"{service} and auth hold different secrets: set {SharedSecret.Setting} to the same value for both.";

    public static string DifferentKeys(string service, Uri auth) =>
        $"{service} does not hold the keys that auth at {auth} signs with: let Services:auth name the auth whose tokens {service} is to accept.";

    /// <summary>Compares secrets where both are at hand.</summary>
    public static bool AreSame(SharedSecret one, SharedSecret other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        const string Purpose = "comparison";
        return CryptographicOperations.FixedTimeEquals(one.Derive(Purpose), other.Derive(Purpose));
    }
}
