using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests.TokenEndpoints;

/// <summary>The verifier that every service uses, before it a key of our own: so a forgery can be wrong in one thing and right in all else.</summary>
public sealed class ForgedTokens : IDisposable
{
    private const string Issuer = "http://localhost:3000";
    private const string KeyId = "key-1";
    private const string Header = """{"alg":"ES256","kid":"key-1","typ":"at+jwt"}""";

    private static readonly string User = Guid.CreateVersion7().ToString();
    private static readonly string Session = Guid.CreateVersion7().ToString();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Revoked _revocations = new();
    private readonly KeySource _source = new();
    private readonly AccessTokenVerifier _verifier;

    public ForgedTokens()
    {
        _source.Current = VerificationKeys.Parse(Encoding.UTF8.GetBytes(KeySet(_key, KeyId)));
        _verifier = new(_source, _revocations, Options.Create(new TokenOptions { Issuer = Issuer }), _time);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    [Theory]
    // alg
    [InlineData("""{"alg":"none","kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":"nOnE","kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":"","kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":256,"kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":["ES256"],"kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":"HS256","kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    [InlineData("""{"alg":"es256","kid":"key-1","typ":"at+jwt"}""", "wrong_algorithm")]
    // typ
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"JWT"}""", "wrong_type")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"AT+JWT"}""", "wrong_type")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"application/at+jwt"}""", "wrong_type")]
    [InlineData("""{"alg":"ES256","kid":"key-1"}""", "wrong_type")]
    // kid
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""", "unknown_key")]
    [InlineData("""{"alg":"ES256","kid":"","typ":"at+jwt"}""", "unknown_key")]
    [InlineData("""{"alg":"ES256","kid":1,"typ":"at+jwt"}""", "unknown_key")]
    [InlineData("""{"alg":"ES256","kid":"../../../dev/null","typ":"at+jwt"}""", "unknown_key")]
    [InlineData("""{"alg":"ES256","kid":"key-1\u0000","typ":"at+jwt"}""", "unknown_key")]
    [InlineData("""{"alg":"ES256","kid":"' OR 1=1 --","typ":"at+jwt"}""", "unknown_key")]
    // a key, or a rule, of the token's own
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","jwk":{"kty":"EC"}}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","jku":"http://evil.example"}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","x5c":["AA"]}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","x5u":"http://evil.example"}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","crit":["exp"]}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","crit":[]}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","b64":false}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt","zip":"DEF"}""", "malformed")]
    // twice, in disguise, or no header at all
    [InlineData("""{"alg":"none","alg":"ES256","kid":"key-1","typ":"at+jwt"}""", "malformed")]
    [InlineData("""{"alg":"ES256","\u0061lg":"none","kid":"key-1","typ":"at+jwt"}""", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"\ud800","typ":"at+jwt"}""", "malformed")]
    [InlineData("\uFEFF{\"alg\":\"ES256\",\"kid\":\"key-1\",\"typ\":\"at+jwt\"}", "malformed")]
    [InlineData("""{"alg":"ES256","kid":"key-1","typ":"at+jwt"}{}""", "malformed")]
    [InlineData("""["ES256"]""", "malformed")]
    [InlineData("{", "malformed")]
    public async Task A_header_that_is_not_ours_is_refused(string header, string reason) => await RefusedAsync(Sign(header, Claims()), reason);

    [Theory]
    [InlineData("iss", "\"http://localhost:3000/\"", "wrong_issuer")]
    [InlineData("iss", "\"HTTP://localhost:3000\"", "wrong_issuer")]
    [InlineData("iss", null, "wrong_issuer")]
    [InlineData("iss", "[\"http://localhost:3000\"]", "invalid_claims")]
    [InlineData("aud", "\"throughline-internal\"", "wrong_audience")]
    [InlineData("aud", "\"Throughline\"", "wrong_audience")]
    [InlineData("aud", "[]", "wrong_audience")]
    [InlineData("aud", "[[\"throughline\"]]", "invalid_claims")]
    [InlineData("aud", null, "wrong_audience")]
    [InlineData("sub", "[\"x\"]", "invalid_claims")]
    [InlineData("sub", "{}", "invalid_claims")]
    [InlineData("sub", "1", "invalid_claims")]
    [InlineData("sub", "\"\"", "invalid_claims")]
    [InlineData("sub", "\"admin\"", "invalid_claims")]
    [InlineData("sub", null, "invalid_claims")]
    [InlineData("sid", null, "invalid_claims")]
    [InlineData("jti", null, "invalid_claims")]
    [InlineData("client_id", null, "invalid_claims")]
    [InlineData("iat", null, "invalid_claims")]
    [InlineData("nbf", null, "invalid_claims")]
    [InlineData("exp", null, "invalid_claims")]
    [InlineData("exp", "\"9999999999\"", "invalid_claims")]
    [InlineData("exp", "1e400", "invalid_claims")]
    [InlineData("exp", "-1", "invalid_claims")]
    [InlineData("exp", "9999999999.5", "invalid_claims")]
    [InlineData("exp", "99999999999999999999", "invalid_claims")]
    [InlineData("exp", "NaN", "invalid_claims")]
    [InlineData("role", "[\"admin\"]", "invalid_claims")]
    [InlineData("scope", "null", "invalid_claims")]
    public async Task A_claim_that_is_not_as_issued_is_refused_though_the_signature_is_good(string name, string? json, string reason) =>
        await RefusedAsync(Sign(Header, Claims((name, json))), reason);

    [Fact]
    public async Task A_claim_told_twice_is_refused()
    {
        var claims = Claims();
        await RefusedAsync(Sign(Header, claims.Insert(1, $"\"sub\":\"{Guid.CreateVersion7()}\",")), "invalid_claims");
        await RefusedAsync(Sign(Header, claims.Insert(1, $"\"\\u0073ub\":\"{User}\",")), "invalid_claims");
        await RefusedAsync(Sign(Header, claims.Insert(1, "\"other\":1,\"other\":1,")), "invalid_claims");
        await RefusedAsync(Sign(Header, claims.Insert(1, $"\"deep\":{new string('[', 500)}{new string(']', 500)},")), "invalid_claims");
        await AcceptedAsync(Sign(Header, claims.Insert(1, "\"other\":{\"a\":[1]},")));
    }

    [Fact]
    public async Task Time_is_kept_to_the_second_with_five_for_a_clock_that_is_ahead()
    {
        await RefusedAsync(Sign(Header, Claims(("exp", $"{Now}"))), "expired");
        await RefusedAsync(Sign(Header, Claims(("exp", $"{Now - 1}"))), "expired");
        await AcceptedAsync(Sign(Header, Claims(("exp", $"{Now + 1}"))));
        await RefusedAsync(Sign(Header, Claims(("nbf", $"{Now + 6}"))), "not_yet_valid");
        await RefusedAsync(Sign(Header, Claims(("iat", $"{Now + 6}"))), "not_yet_valid");
        await AcceptedAsync(Sign(Header, Claims(("nbf", $"{Now + 5}"))));
    }

    [Fact]
    public async Task Encodings_that_no_encoder_writes_are_refused()
    {
        var token = Sign(Header, Claims());
        var parts = token.Split('.');
        await RefusedAsync($"{parts[0]}.{parts[1]}", "malformed");
        await RefusedAsync($"{parts[0]}.{parts[1]}.", "malformed");
        await RefusedAsync($"{token}.{parts[2]}.{parts[2]}", "malformed");
        await RefusedAsync($"{parts[0]}=.{parts[1]}.{parts[2]}", "malformed");
        await RefusedAsync($" {token}", "malformed");
        await RefusedAsync($"{token}\n", "malformed");
        await RefusedAsync($"{parts[0]}.{parts[1]}.{parts[2][..^1]}+", "malformed");
        await RefusedAsync($"{parts[0]}.{parts[1]}.{parts[2][..^4]}", "bad_signature");
        await RefusedAsync($"{parts[0]}.{parts[1]}.{WithSpareBit(parts[2])}", "bad_signature");
        await RefusedAsync(new string('a', 60_000), "too_long");
        await RefusedAsync("", "missing");
    }

    [Fact]
    public async Task A_signature_by_anyone_else_or_of_anything_else_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parts = Sign(Header, Claims()).Split('.');
        await RefusedAsync(Sign(Header, Claims(), other), "bad_signature");
        await RefusedAsync($"{parts[0]}.{Encode(Claims(("sub", $"\"{Guid.CreateVersion7()}\"")))}.{parts[2]}", "bad_signature");
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        foreach (var signature in (byte[][])[new byte[64], [.. order, .. order], [.. new byte[32], .. order], [.. new byte[63], 1]])
            await RefusedAsync($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}", "bad_signature");
        await RefusedAsync($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}", "bad_signature");
        var confused = Encode("""{"alg":"HS256","kid":"key-1","typ":"at+jwt"}""") + "." + parts[1];
        await RefusedAsync($"{confused}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(confused)))}", "wrong_algorithm");
    }

    [Fact]
    public async Task What_was_accepted_is_refused_once_revoked_expired_or_its_key_is_gone()
    {
        var token = Sign(Header, Claims());
        await AcceptedAsync(token);

        _revocations.Session = Guid.Parse(Session);
        await RefusedAsync(token, "revoked");
        _revocations.Session = null;
        await AcceptedAsync(token);

        // Another key under the same id: the verified copy must not be believed.
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = _source.Current;
        _source.Current = VerificationKeys.Parse(Encoding.UTF8.GetBytes(KeySet(other, KeyId)));
        await RefusedAsync(token, "bad_signature");
        _source.Current = VerificationKeys.Parse(Encoding.UTF8.GetBytes(KeySet(other, "key-2")));
        await RefusedAsync(token, "unknown_key");
        _source.Current = keys;
        await AcceptedAsync(token);

        _time.Advance(TimeSpan.FromMinutes(15));
        await RefusedAsync(token, "expired");
    }

    [Fact]
    public async Task A_services_token_is_no_users_and_the_other_way_round()
    {
        var stop = TestContext.Current.CancellationToken;
        var service = Sign(Header, Claims(("aud", "\"throughline-internal\""), ("sub", "\"throughline-backend\""), ("sid", null), ("role", null), ("tier", null)));
        Assert.True((await _verifier.VerifyServiceAsync(service, stop)).Token!.IsService);
        await RefusedAsync(service, "wrong_audience");
        var user = Sign(Header, Claims());
        await AcceptedAsync(user);
        Assert.Equal("wrong_audience", (await _verifier.VerifyServiceAsync(user, stop)).Reason);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Refused, and a good token right after it is accepted.</summary>
    private async Task RefusedAsync(string token, string reason)
    {
        var verdict = await _verifier.VerifyAsync(token, TestContext.Current.CancellationToken);
        Assert.Equal((null, reason), (verdict.Token, verdict.Reason));
        if (reason is "revoked" || _source.Current.Ids is not [KeyId]) return;
        if (_revocations.Session is null && reason != "bad_signature") await AcceptedAsync(Sign(Header, Claims()));
    }

    private async Task AcceptedAsync(string token)
    {
        var verdict = await _verifier.VerifyAsync(token, TestContext.Current.CancellationToken);
        Assert.Null(verdict.Reason);
        Assert.Equal((Guid.Parse(User), Guid.Parse(Session), false), (verdict.Token!.UserId, verdict.Token.SessionId, verdict.Token.IsService));
    }

    private string Claims(params (string Name, string? Json)[] changes)
    {
        var claims = new Dictionary<string, string?>
        {
            ["iss"] = $"\"{Issuer}\"",
            ["aud"] = "\"throughline\"",
            ["sub"] = $"\"{User}\"",
            ["sid"] = $"\"{Session}\"",
            ["jti"] = "\"t-1\"",
            ["client_id"] = "\"throughline-cli\"",
            ["scope"] = "\"api\"",
            ["role"] = "\"user\"",
            ["tier"] = "\"free\"",
            ["iat"] = Now.ToString(CultureInfo.InvariantCulture),
            ["nbf"] = Now.ToString(CultureInfo.InvariantCulture),
            ["exp"] = (Now + 900).ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (name, json) in changes) claims[name] = json;
        return $"{{{string.Join(',', claims.Where(c => c.Value is not null).Select(c => $"\"{c.Key}\":{c.Value}"))}}}";
    }

    private string Sign(string header, string claims, ECDsa? key = null)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>64 bytes leave four bits over in the last character; lenient decoders drop them.</summary>
    private static string WithSpareBit(string signature)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return signature[..^1] + Alphabet[Alphabet.IndexOf(signature[^1], StringComparison.Ordinal) | 1];
    }

    private static string KeySet(ECDsa key, string id)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"keys":[{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{id}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
    }

    private sealed class KeySource : IVerificationKeySource
    {
        public VerificationKeys Current { get; set; } = VerificationKeys.None;

        public ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken) => new(Current);
    }

    private sealed class Revoked : IRevocations
    {
        public Guid? Session { get; set; }

        public bool IsRevoked(AccessToken token) => token.SessionId == Session;
    }
}
