using System.Text.Json.Serialization;

namespace Throughline.ServiceDefaults;

/// <summary>A verified access token: what its issuer said, with every claim of the right kind.</summary>
/// <param name="UserId">Who; empty for a service.</param>
/// <param name="SessionId">The sign-in that all of a device's tokens share; empty for a service.</param>
/// <param name="TokenId">The claim <c>jti</c>.</param>
/// <param name="IsService">Issued to one of our own services by client credentials; never accepted where a user's is due.</param>
public sealed record AccessToken(
    Guid UserId, Guid SessionId, string TokenId, string ClientId, string Scope, string Role, string Tier,
    DateTimeOffset ExpiresAt, bool IsService)
{
    /// <summary>When it was issued, so that a verifier can refuse what is older than a revocation of all sessions.</summary>
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>The key that verified it, while that is published; null where no published key did.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whether an API key was exchanged for it; <see cref="SessionId"/> is then the key's id, and <see cref="Scope"/> its bounds.</summary>
    [JsonIgnore]
    public bool IsApiKey => ClientId == TokenPolicies.ApiKeyClient;

    public bool HasScope(string scope) => Scope.Split(' ').Contains(scope, StringComparer.Ordinal);
}

/// <summary>The outcome of verifying: a token, or a short machine word that says why not.</summary>
/// <param name="Token">Set only when every check passed.</param>
/// <param name="Reason">One of <see cref="Refusals"/> otherwise.</param>
public sealed record TokenVerdict(AccessToken? Token, string? Reason)
{
    internal static TokenVerdict Refused(string reason) => new(null, reason);
}

/// <summary>Why a token was refused. Words that clients may show; they tell nothing that the token's holder does not know.</summary>
public static class Refusals
{
    public const string Missing = "missing";
    public const string Malformed = "malformed";
    public const string TooLong = "too_long";
    public const string WrongAlgorithm = "wrong_algorithm";
    public const string WrongType = "wrong_type";
    public const string UnknownKey = "unknown_key";
    public const string BadSignature = "bad_signature";
    public const string InvalidClaims = "invalid_claims";
    public const string WrongIssuer = "wrong_issuer";
    public const string WrongAudience = "wrong_audience";
    public const string Expired = "expired";
    public const string NotYetValid = "not_yet_valid";
    public const string Revoked = "revoked";

    /// <summary>An API key whose scopes do not open this.</summary>
    public const string InsufficientScope = "insufficient_scope";

    /// <summary>Not refused: whether an API key is good cannot be found out just now.</summary>
    public const string Unavailable = "unavailable";
}

/// <summary>What each service knows of revoked sessions and users. Asked on every use of a token, so it answers from memory.</summary>
public interface IRevocations
{
    /// <summary>Whether the token's session or user is shut out.</summary>
    bool IsRevoked(AccessToken token);
}
