using System.Buffers.Text;
using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Forgery;

public sealed class ForgingSignatures() : ForgingBeforeTheVerifier(secret: null)
{
    /// <summary>Whoever sees a token can write a second one with the same meaning: (r, n − s) is as good a signature as (r, s). So a list of
    /// revoked tokens would miss it, and none is kept: the session is what is revoked.</summary>
    [Fact]
    public async Task The_other_signature_of_the_same_token_is_good_and_is_revoked_with_the_session()
    {
        using var mint = Truth.NewMint();
        var token = mint.Good();
        var other = OtherSignature(token);
        Assert.NotEqual(token, other);
        Assert.Null(await ReasonAsync(token));
        Assert.Null(await ReasonAsync(other));

        RevokeSession();
        Assert.Equal(Refusals.Revoked, await ReasonAsync(token));
        Assert.Equal(Refusals.Revoked, await ReasonAsync(other));
    }

    private static string OtherSignature(string token)
    {
        var order = new BigInteger(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);
        var parts = token.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        var s = order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        return Mint.Complete($"{parts[0]}.{parts[1]}", [.. signature[..32], .. new byte[32 - bytes.Length], .. bytes]);
    }
}

public sealed class ForgingWithASecretBetweenUs() : ForgingBeforeTheVerifier(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

/// <summary>
/// The verifier that every service uses, alone, with a clock that stands still: every kind of forgery, those included that no header can
/// carry and those that are wrong by one second.
/// </summary>
public abstract class ForgingBeforeTheVerifier : IDisposable
{
    private const int ControlEach = 20;
    private const int Warmup = 2_000;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TrapListener _trap = new();
    private readonly RevokedSession _revocations = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Truth _truth;
    private readonly AccessTokenVerifier _verifier;

    protected ForgingBeforeTheVerifier(string? secret)
    {
        var keys = new KeySet(_key);
        _truth = new(
            _key.ExportPkcs8PrivateKey(), keys.Id, secret, "http://localhost:3000", Guid.CreateVersion7(), Guid.CreateVersion7(), _time,
            new("", "tlr_" + new string('R', 43), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), ""), _trap.Address);
        using var mint = _truth.NewMint();
        _truth = _truth with
        {
            Others = _truth.Others with
            {
                Identity = mint.Sign(mint.Header(("typ", "\"JWT\"")), mint.Claims(("aud", "\"throughline-cli\""))),
                Service = mint.Sign(mint.Header(), mint.Claims(("aud", "\"throughline-internal\""), ("sub", "\"throughline-backend\""), ("sid", null))),
            },
        };
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new(SharedSecret.Setting, secret)]).Build();
        _verifier = new(keys, _revocations, Options.Create(new TokenOptions { Issuer = _truth.Issuer, Secret = SharedSecret.Of(settings) }), _time);
    }

    internal Truth Truth => _truth;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_forgery_of_any_kind_passes()
    {
        var total = SuiteSize.Forgeries(20_000, 1_000_000);
        var kinds = ForgeryKinds.ForVerifier(_truth);
        var report = new ForgeryReport($"Before the verifier, {_truth.Algorithm}");
        using var mint = _truth.NewMint();
        var good = mint.Good();
        for (var i = 0; i < Math.Max(total, kinds.Count); i++)
        {
            var kind = kinds[i % kinds.Count];
            var token = kind.Make(mint, ForgeryKinds.RandomOf(i));
            var began = Stopwatch.GetTimestamp();
            var verdict = await _verifier.VerifyAsync(token, Stop);
            if (i > Warmup) report.Took(Stopwatch.GetElapsedTime(began));
            report.Refused(kind);
            if (verdict is not { Token: null, Reason: not null }) report.Wrong($"{kind} was accepted", token);
            if (i % ControlEach == 0) await AcceptAsync(report, i % (2 * ControlEach) == 0 ? good : mint.Good());
        }

        report.AssertGood(kinds);
        Assert.Equal(0, _trap.Visits);
        await _trap.AssertCatchesAsync(Stop);
        report.Print("One refusal at the verifier");
    }

    [Fact]
    public async Task What_is_allowed_at_the_edges_is_let_in()
    {
        using var mint = _truth.NewMint();
        string[] allowed =
        [
            mint.Sign(mint.Header(), mint.Claims(("exp", Mint.Text(_truth.Now + 1)))),
            mint.Sign(mint.Header(), mint.Claims(("nbf", Mint.Text(_truth.Now + 5)), ("iat", Mint.Text(_truth.Now + 5)))),
            mint.Sign(mint.Header(), mint.Claims(("exp", "253402300799"))),
            mint.Sign(mint.Header(), mint.Claims(("aud", "[\"other\",\"throughline\"]"))),
            mint.Sign(mint.Header(), mint.Claims(("x", "[[[[[[]]]]]]"), ("y", "\"\\ud83e\\udd8a\""))),
            mint.Sign($" {mint.Header()}\n", $"\t{mint.Claims()} "),
        ];
        foreach (var token in allowed) Assert.Null(await ReasonAsync(token));
    }

    public void Dispose()
    {
        _key.Dispose();
        _trap.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<string?> ReasonAsync(string token) => (await _verifier.VerifyAsync(token, Stop)).Reason;

    protected void RevokeSession() => _revocations.Session = _truth.Session;

    private async Task AcceptAsync(ForgeryReport report, string token)
    {
        var sent = ForgeryReport.Second;
        var verdict = await _verifier.VerifyAsync(token, Stop);
        if (verdict.Token?.UserId == _truth.User) report.ControlAccepted(sent);
        else report.Wrong($"A control was refused ({verdict.Reason})", token);
    }

    private sealed class KeySet(ECDsa key) : IVerificationKeySource
    {
        public string Id { get; } = "Zk3Jc0rRk8b-Key_1";

        public VerificationKeys Current => field ??= Published();

        public ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken) => new(Current);

        private VerificationKeys Published()
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return VerificationKeys.Parse(Encoding.UTF8.GetBytes(
                $$"""{"keys":[{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{Id}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}"""));
        }
    }

    private sealed class RevokedSession : IRevocations
    {
        public Guid? Session { get; set; }

        public bool IsRevoked(AccessToken token) => token.SessionId == Session;
    }
}
