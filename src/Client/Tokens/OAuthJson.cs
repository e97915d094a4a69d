using System.Text.Json.Serialization;

namespace Throughline.Client.Tokens;

/// <summary>RFC 6749 §5.1.</summary>
internal sealed record OAuthTokens(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("refresh_token")] string? RefreshToken = null);

/// <summary>RFC 8628 §3.2.</summary>
internal sealed record OAuthDeviceCodes(
    [property: JsonPropertyName("device_code")] string DeviceCode,
    [property: JsonPropertyName("user_code")] string UserCode,
    [property: JsonPropertyName("verification_uri")] Uri VerificationUri,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("verification_uri_complete")] Uri? VerificationUriComplete = null,
    [property: JsonPropertyName("interval")] int Interval = 5);

/// <summary>RFC 6749 §5.2.</summary>
internal sealed record OAuthError(
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("error_description")] string? Description = null);

[JsonSerializable(typeof(OAuthTokens))]
[JsonSerializable(typeof(OAuthDeviceCodes))]
[JsonSerializable(typeof(OAuthError))]
internal sealed partial class OAuthJson : JsonSerializerContext;
