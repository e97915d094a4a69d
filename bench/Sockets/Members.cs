using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Throughline.ServiceDefaults;

namespace Throughline.Bench.Sockets;

/// <summary>Who connects: user n owns stream n. Their tokens are signed with the secret that auth and backend share, <c>JWT_SECRET_KEY</c>.</summary>
internal static class Members
{
    public const string Issuer = "http://localhost:3000";
    public const string SecretSetting = "JWT_SECRET_KEY";
    public const string ThreadId = "bench";

    /// <summary>Of this run: its servers inherit it.</summary>
    public static readonly string Secret = Environment.GetEnvironmentVariable(SecretSetting) is { Length: >= 32 } given ? given : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static Guid IdOf(int stream) => new(stream + 1, 0x7274, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, 1);

    /// <summary>The owner as a verified token names him; for those who publish in his name.</summary>
    public static AccessToken OwnerOf(int stream) => new(IdOf(stream), IdOf(stream), "", "", "", "", "", DateTimeOffset.MaxValue, false);

    /// <summary>An access token, good for a day.</summary>
    public static string TokenOf(int stream)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = $$"""
            {"iss":"{{Issuer}}","aud":"{{TokenOptions.Audience}}","sub":"{{IdOf(stream)}}","client_id":"throughline-web","scope":"openid offline_access api","sid":"{{IdOf(stream)}}",
            "email":"user-{{stream}}@example.com","name":"User {{stream}}","tier":"free","role":"user","jti":"{{IdOf(stream)}}","iat":{{now}},"nbf":{{now}},"exp":{{now + 86400}}}
            """;
        var signed = $"{Encode("""{"alg":"HS256","typ":"at+jwt"}""")}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
