using System.Buffers;
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tokens;

/// <summary>
/// Writes access tokens (RFC 9068): exactly the claims of the protocol, signed with the key that signs at this moment or with the shared
/// secret. The issuer is the configured string, to the character; OpenIddict would write it as a URI, with a slash at its end.
/// </summary>
internal sealed class AccessTokenWriter(
    SigningKeyStore keys, IOptions<TokenOptions> options, IOptions<TokenLifetimes> lifetimes, TimeProvider time)
{
    /// <summary>Claims that a user's token carries beside those that every token has.</summary>
    private static readonly string[] UserClaims = ["sid", "email", "name", "tier", "role"];

    /// <param name="expiresAt">When it ends, where that is not at the end of an access token's usual lifetime.</param>
    public string Write(ClaimsPrincipal principal, string clientId, DateTimeOffset? expiresAt = null)
    {
        var now = time.GetUtcNow();
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", principal.GetAudiences().Single());
            json.WriteString("sub", principal.GetClaim("sub"));
            json.WriteString("client_id", clientId);
            json.WriteString("scope", string.Join(' ', principal.GetScopes()));
            foreach (var claim in UserClaims)
                if (principal.GetClaim(claim) is { } value) json.WriteString(claim, value);
            json.WriteString("jti", Guid.CreateVersion7(now));
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("nbf", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", (expiresAt ?? now + lifetimes.Value.AccessLifetime).ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        return options.Value.Secret is { } secret ? SignWith(secret, payload.WrittenSpan) : SignWith(keys.Signing, payload.WrittenSpan);
    }

    private static string SignWith(SharedSecret secret, ReadOnlySpan<byte> payload)
    {
        // No key id: there is one key, and none that a token could choose.
        var signed = Join("""{"alg":"HS256","typ":"at+jwt"}""", payload);
        return $"{signed}.{Base64Url.EncodeToString(secret.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string SignWith(ECDsaSecurityKey key, ReadOnlySpan<byte> payload)
    {
        var signed = Join($$"""{"alg":"ES256","kid":"{{key.KeyId}}","typ":"at+jwt"}""", payload);
        byte[] signature;
        lock (key) signature = key.ECDsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Join(string header, ReadOnlySpan<byte> payload) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(payload)}";
}
