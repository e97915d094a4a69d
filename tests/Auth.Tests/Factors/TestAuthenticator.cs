using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Factors;

/// <summary>An authenticator app, by RFC 6238 and independent of the code under test.</summary>
internal sealed class TestAuthenticator(string base32)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public byte[] Secret { get; } = Decode(base32);

    public static long Step(DateTimeOffset at) => at.ToUnixTimeSeconds() / 30;

    /// <summary>The code that the app shows, or will show some steps later.</summary>
    public string Code(int later = 0) => CodeOf(Step(TimeProvider.System.GetUtcNow()) + later);

    public string CodeOf(long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // SHA-1 is what RFC 6238's apps use.
        var hash = HMACSHA1.HashData(Secret, counter);
#pragma warning restore CA5350
        var number = (BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & 0x7FFFFFFF) % 1_000_000;
        return number.ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>Six digits that are no code of these minutes.</summary>
    public string WrongCode()
    {
        var near = Enumerable.Range(-3, 10).Select(Code).ToHashSet();
        return Enumerable.Range(100_000, 100).Select(n => n.ToString(CultureInfo.InvariantCulture)).First(code => !near.Contains(code));
    }

    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}

/// <summary>A user with a second factor, and what it does.</summary>
internal sealed record ProtectedUser(AuthClient Auth, string Email, Tokens Tokens, TestAuthenticator App, IReadOnlyList<string> RecoveryCodes)
{
    public static async Task<ProtectedUser> NewAsync(AuthClient auth)
    {
        var (user, tokens) = await auth.NewUserAsync();
        var begun = await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/begin", tokens.Access, new { password = AuthClient.Password });
        Assert.Equal(HttpStatusCode.OK, begun.Status);
        var app = new TestAuthenticator(begun.As<TotpSetup>().Secret);
        var confirmed = await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/confirm", tokens.Access, new { code = app.Code() });
        Assert.Equal(HttpStatusCode.OK, confirmed.Status);
        return new(auth, user.Email, tokens, app, confirmed.As<RecoveryCodes>().Codes);
    }

    public Task<Answer> LogInAsync(string? totp) => Auth.PostAsync("/auth/login", new { email = Email, password = AuthClient.Password, totp });

    public Task<Answer> PostAsync(string path, object body) => Auth.SendAsync(HttpMethod.Post, path, Tokens.Access, body);
}
