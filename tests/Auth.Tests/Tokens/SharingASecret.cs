using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Throughline.Auth.Tests.SigningKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests.TokenEndpoints;

/// <summary>An auth with <c>JWT_SECRET_KEY</c>: its access tokens are HS256, and nothing else is accepted.</summary>
public sealed class SharingASecret(SharingASecret.SharedSecretAuth auth) : IClassFixture<SharingASecret.SharedSecretAuth>
{
    private const string Secret = "a secret of an older system, forty bytes";

    [Fact]
    public async Task Access_tokens_are_signed_with_it_and_name_no_key()
    {
        var client = await auth.ClientAsync();
        var (_, tokens) = await client.NewUserAsync();

        var parts = tokens.Access.Split('.');
        Assert.Equal("""{"alg":"HS256","typ":"at+jwt"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        Assert.Equal(Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"))), parts[2]);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.RefreshAsync(tokens.Refresh)).Status);
        await client.ChangesAsync(await client.ServiceTokenAsync(), after: 0);
    }

    [Fact]
    public async Task Whoever_shares_it_may_make_tokens_and_nobody_else()
    {
        var client = await auth.ClientAsync();
        var (_, tokens) = await client.NewUserAsync();
        var claims = tokens.Access.Split('.')[1];

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(Sign("""{"typ":"at+jwt","alg":"HS256"}""", claims, Secret)));
        foreach (var header in (string[])[
            """{"alg":"HS256","typ":"JWT"}""", """{"alg":"HS256"}""", """{"alg":"hs256","typ":"at+jwt"}""", """{"alg":"HS384","typ":"at+jwt"}""",
            """{"alg":"HS256","kid":"shared-secret","typ":"at+jwt"}""", """{"alg":"HS256","kid":"","typ":"at+jwt"}""", """{"alg":"none","typ":"at+jwt"}"""])
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(Sign(header, claims, Secret)));
        foreach (var secret in (string[])[Secret + " ", Secret[..^1], Secret.ToUpperInvariant(), ""])
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(Sign("""{"alg":"HS256","typ":"at+jwt"}""", claims, secret)));

        async Task<HttpStatusCode> StatusOfAsync(string token) => (await client.GetAsync("/auth/me", token)).Status;
    }

    [Fact]
    public async Task The_published_keys_sign_id_tokens_and_verify_no_access_token()
    {
        var client = await auth.ClientAsync();
        var (_, tokens) = await client.NewUserAsync();
        using var key = client.Process.SigningKey(out var keyId);
        Assert.Equal(keyId, (await client.GetAsync("/.well-known/jwks")).Json.GetProperty("keys")[0].GetProperty("kid").GetString());

        var signed = $"{Encode($$"""{"alg":"ES256","kid":"{{keyId}}","typ":"at+jwt"}""")}.{tokens.Access.Split('.')[1]}";
        var forged = $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/auth/me", forged)).Status);
    }

    [Fact]
    public async Task It_is_told_nowhere_and_challenges_prove_it()
    {
        var client = await auth.ClientAsync();
        var service = await client.ServiceTokenAsync();
        var nonce = SigningStatement.NewNonce();

        var answer = await client.SendAsync(HttpMethod.Post, "/internal/signing/challenge", service, new { nonce });
        Assert.Equal(("HS256", AuthProcess.Issuer, "throughline"),
            (answer.Json.GetProperty("algorithm").GetString(), answer.Json.GetProperty("issuer").GetString(), answer.Json.GetProperty("audience").GetString()));
        // The key of the proof is derived: the same HMAC under the secret itself, which is a token's, is another.
        var text = new SigningStatement("HS256", AuthProcess.Issuer, "throughline", 1).TextFor(nonce);
        Assert.NotEqual(Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), text)), answer.Json.GetProperty("proof").GetString());

        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(HttpMethod.Post, "/internal/signing/challenge", service, new { nonce = "short" })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(HttpMethod.Post, "/internal/signing/challenge", service, new { })).Status);
        var (_, tokens) = await client.NewUserAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(HttpMethod.Post, "/internal/signing/challenge", tokens.Access, new { nonce })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/internal/keys", service)).Status);
        Assert.DoesNotContain(Secret, client.Process.Output, StringComparison.Ordinal);
        using var record = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(client.Process.State, ".service_discovery", "auth.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["shared-secret"], record.RootElement.GetProperty("signing_key_ids").EnumerateArray().Select(k => k.GetString()!));
    }

    private static string Sign(string header, string claims, string secret)
    {
        var signed = $"{Encode(header)}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public sealed class SharedSecretAuth : SharedAuth
    {
        internal override Task<AuthProcess> StartAsync(CancellationToken cancellationToken) => AuthProcess.StartAsync(cancellationToken, ("JWT_SECRET_KEY", Secret));
    }
}
