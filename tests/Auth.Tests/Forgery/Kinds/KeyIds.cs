using System.Security.Cryptography;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 4: a key id that is a path, a query, an address, too long, or of the wrong kind.</summary>
internal static class KeyIds
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        .. WithKeyId.Select(kind => kind with { Only = Algorithms.Es256 }),
        new(4, "kid where none is due", (m, r) => Sign(m, r, r.Of(m.Truth.KeyId, "", "shared-secret", "../../dev/null", "1", $"{m.Truth.Trap}k", "' OR 1=1 --")), Only: Algorithms.Hs256),
    ];

    private static ForgeryKind[] WithKeyId =>
    [
        new(4, "kid is a path", (m, r) => Sign(m, r, r.Of(
            "../../../../dev/null", "/dev/null", "keys/auth.key", "..\\\\..\\\\win.ini", "/proc/self/environ", "file:///etc/passwd", "%2e%2e%2fetc%2fpasswd", "secrets/client-backend"))),
        new(4, "kid is SQL or a command", (m, r) => Sign(m, r, r.Of(
            "' OR 1=1 --", "x' UNION SELECT 'AA'--", "1;DROP TABLE SigningKeys", "$(id)", "`id`", "| id", "{{7*7}}", "${jndi:ldap://127.0.0.1/a}", "*", "%"))),
        new(4, "kid is an address", (m, r) => Sign(m, r, r.Of($"{m.Truth.Trap}k", $"http://localhost:{m.Truth.Trap.Port}/{r.Next()}", $"\\\\\\\\127.0.0.1\\\\{r.Next()}"))),
        new(4, "kid with something around it", (m, r) => Sign(m, r, r.Of(
            $" {m.Truth.KeyId}", $"{m.Truth.KeyId} ", $"{m.Truth.KeyId}\\u0000", $"\\u0000{m.Truth.KeyId}", $"{m.Truth.KeyId}\\n", $"{m.Truth.KeyId}#{r.Next()}", $"{m.Truth.KeyId}=",
            $"\\u200b{m.Truth.KeyId}", m.Truth.KeyId[..^1], m.Truth.KeyId + m.Truth.KeyId[^1]))),
        new(4, "kid in another case", (m, r) => Sign(m, r, OtherCase(m.Truth.KeyId, r))),
        new(4, "kid of nobody", (m, r) => Sign(m, r, Guid.NewGuid().ToString("N")[..r.Next(1, 32)])),
        new(4, "kid too long", (m, r) => Sign(m, r, new string('k', r.Next(129, 4000)))),
        new(4, "kid of the wrong kind", (m, r) => m.Sign(m.Header(("kid", r.Of(null, "\"\"", "1", "null", "true", $"[\"{m.Truth.KeyId}\"]", $"{{\"id\":\"{m.Truth.KeyId}\"}}"))), m.Claims())),
        new(4, "kid twice", (m, r) => m.Sign(
            m.Header().Insert(1, $"{r.Of("\"kid\"", "\"\\u006bid\"")}:{r.Of("\"mine\"", $"\"{m.Truth.KeyId}\"", "null")},"), m.Claims())),
        new(4, "an empty file for a secret", (m, r) => Mint.SignWith(
            m.Header(("alg", "\"HS256\""), ("kid", r.Of("\"../../dev/null\"", "\"\"", "\"/dev/null\""))), m.Claims(), signed => HMACSHA256.HashData(Array.Empty<byte>(), signed))),
    ];

    /// <summary>By the right key as well: then the key id is the only thing that is wrong.</summary>
    private static string Sign(Mint m, Random r, string kid)
    {
        var header = m.Header(("kid", $"\"{kid}\""));
        return r.Next(2) == 0 ? m.Sign(header, m.Claims()) : m.SignAsStranger(header, m.Claims());
    }

    private static string OtherCase(string id, Random r)
    {
        var letters = Enumerable.Range(0, id.Length).Where(i => char.IsAsciiLetter(id[i])).ToList();
        var at = r.Of(letters);
        return $"{id[..at]}{(char)(id[at] ^ 0x20)}{id[(at + 1)..]}";
    }
}
