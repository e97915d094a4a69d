using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify;

/// <summary>Reads tokens, verifies them against published keys with nothing but the standard library, and forges others.</summary>
internal static class Jwt
{
    public static JsonElement HeaderOf(string token) => Part(token, 0);

    public static JsonElement ClaimsOf(string token) => Part(token, 1);

    /// <summary>Whether the signature is that of one of the keys; ES256 only.</summary>
    /// <param name="keys">JSON Web Key Set, RFC 7517.</param>
    public static bool IsSignedBy(string token, JsonElement keys)
    {
        var id = HeaderOf(token).FindText("kid");
        foreach (var key in keys.Items("keys"))
        {
            if (key.FindText("kid") != id || key.FindText("kty") != "EC" || key.FindText("crv") != "P-256") continue;
            using var ecdsa = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = { X = Base64Url.DecodeFromChars(key.Text("x")), Y = Base64Url.DecodeFromChars(key.Text("y")) },
            });
            var parts = token.Split('.');
            return ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256);
        }

        return false;
    }

    public static bool IsSignedWith(string secret, string token)
    {
        var parts = token.Split('.');
        return parts[2] == Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}")));
    }

    /// <summary>The same token with some claims replaced; null removes one.</summary>
    public static JsonObject Change(JsonElement claims, params ReadOnlySpan<(string Name, JsonNode? Value)> changes)
    {
        var changed = JsonNode.Parse(claims.GetRawText())!.AsObject();
        foreach (var (name, value) in changes)
        {
            changed.Remove(name);
            if (value is not null) changed[name] = value;
        }

        return changed;
    }

    public static string Sign(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string SignShared(string secret, JsonObject claims) => Sign(
        new JsonObject { ["alg"] = "HS256", ["typ"] = "at+jwt" }, claims, signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));

    public static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static JsonElement Part(string token, int index)
    {
        try
        {
            return JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]));
        }
        catch (Exception e) when (e is FormatException or JsonException or IndexOutOfRangeException)
        {
            throw new Refutation("the access token is no JWT");
        }
    }
}
