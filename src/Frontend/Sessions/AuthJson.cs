using System.Text.Json.Serialization;
using Throughline.Contracts.Accounts;

namespace Throughline.Frontend.Sessions;

/// <summary>What the browser's session is made of.</summary>
internal sealed record WebTokens(string AccessToken, int ExpiresIn, string RefreshToken, Account User);

/// <summary>RFC 8414 §2, in the one member that is needed.</summary>
internal sealed record IssuerAnswer([property: JsonPropertyName("issuer")] string Issuer);

/// <summary>RFC 6749 §5.1.</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("refresh_token")] string? RefreshToken = null);

/// <summary>RFC 6749 §5.2.</summary>
internal sealed record TokenError([property: JsonPropertyName("error")] string? Error);

[JsonSerializable(typeof(IssuerAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenError))]
internal sealed partial class AuthJson : JsonSerializerContext;
