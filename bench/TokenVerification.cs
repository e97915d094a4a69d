using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Throughline.ServiceDefaults;

namespace Throughline.Bench;

/// <summary>
/// Verifying access tokens, one of the two hot paths, beside the general library with the same things pinned. A token that was seen
/// before, one that was not, and a forgery.
/// </summary>
[MemoryDiagnoser]
public class TokenVerification
{
    private const string Issuer = "http://localhost:3000";
    private const int Fresh = 4096; // tokens; the verifier keeps twice as many

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JsonWebTokenHandler _peer = new() { MapInboundClaims = false };
    private readonly string[] _tokens = new string[Fresh];
    private TokenValidationParameters _pinned = new();
    private AccessTokenVerifier _verifier = null!;
    private AccessTokenVerifier _forgetful = null!;
    private string _forged = "";
    private int _next;

    private void Prepare()
    {
        for (var i = 0; i < Fresh; i++) _tokens[i] = Issue();
        _forged = _tokens[0][..^8] + "AAAAAAAA";
        (_verifier, _forgetful) = (NewVerifier(), NewVerifier());
        _pinned = new()
        {
            ValidIssuer = Issuer,
            ValidAudience = TokenOptions.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["at+jwt"],
            ClockSkew = TokenOptions.ClockSkew,
            IssuerSigningKey = new ECDsaSecurityKey(_key) { KeyId = "key-1" },
        };
    }

    /// <summary>Both must say yes and no where they should: a refusal is quick, and must not pass for a verification.</summary>
    [GlobalSetup]
    public async Task PrepareAsync()
    {
        Prepare();
        if (!await SeenOurs() || !await NewOurs() || !await Peer() || await ForgedOurs() || await ForgedPeer())
            throw new InvalidOperationException("A genuine token was refused, or a forged one accepted: nothing was measured.");
    }

    [Benchmark(Description = "seen before: ours")]
    public async Task<bool> SeenOurs() => (await _verifier.VerifyAsync(_tokens[0], CancellationToken.None)).Token is not null;

    [Benchmark(Description = "new: ours")]
    public async Task<bool> NewOurs()
    {
        if (_next % Fresh == 0) _forgetful = NewVerifier();
        return (await _forgetful.VerifyAsync(_tokens[_next++ % Fresh], CancellationToken.None)).Token is not null;
    }

    [Benchmark(Description = "any: JsonWebTokenHandler", Baseline = true)]
    public async Task<bool> Peer() => (await _peer.ValidateTokenAsync(_tokens[_next++ % Fresh], _pinned)).IsValid;

    [Benchmark(Description = "forged: ours")]
    public async Task<bool> ForgedOurs() => (await _verifier.VerifyAsync(_forged, CancellationToken.None)).Token is not null;

    [Benchmark(Description = "forged: JsonWebTokenHandler")]
    public async Task<bool> ForgedPeer() => (await _peer.ValidateTokenAsync(_forged, _pinned)).IsValid;

    private AccessTokenVerifier NewVerifier() => new(
        new OneKey(_key), new NothingRevoked(), Options.Create(new TokenOptions { Issuer = Issuer }), TimeProvider.System);

    private string Issue()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = $$"""
            {"iss":"{{Issuer}}","aud":"{{TokenOptions.Audience}}","sub":"{{Guid.CreateVersion7()}}","client_id":"throughline-web","scope":"openid offline_access api",
            "sid":"{{Guid.CreateVersion7()}}","email":"maya@example.com","name":"Maya","tier":"free","role":"user","jti":"{{Guid.CreateVersion7()}}","iat":{{now}},"nbf":{{now}},"exp":{{now + 86400}}}
            """;
        var signed = $"{Encode("""{"alg":"ES256","kid":"key-1","typ":"at+jwt"}""")}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private sealed class OneKey(ECDsa key) : IVerificationKeySource
    {
        public VerificationKeys Current { get; } = VerificationKeys.Parse(Encoding.UTF8.GetBytes(KeySet(key)));

        public ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken) => new(Current);

        private static string KeySet(ECDsa key)
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""{"keys":[{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"key-1","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
        }
    }

    private sealed class NothingRevoked : IRevocations
    {
        public bool IsRevoked(AccessToken token) => false;
    }
}
