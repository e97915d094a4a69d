using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Tokens;

/// <summary>Check 4: what is no good token is refused with the exact code, while a good one is accepted.</summary>
internal sealed class RefusingTokens : CheckPart
{
    private static readonly (Assertion Assertion, int Code, string What, Func<Forgery, CancellationToken, ValueTask<string?>> Make)[] Cases =
    [
        (Refused("missing", "No token"), 4001, "no token", (_, _) => new((string?)null)),
        (Refused("empty", "An empty token"), 4001, "an empty token", (_, _) => new("")),
        (Refused("malformed", "Something that is no token"), 4002, "not.a.token", (_, _) => new("not.a.token")),
        (Refused("alg_none", "A token without a signature (alg: none)"), 4002, "alg: none", (f, _) => new(f.Unsigned())),
        (Refused("hs256_public_key", "A token that is signed by HS256 with the public key") with { Needs = Needs.PublishedKeys }, 4002, "HS256 with the public key", async (f, stop) => await f.SignedWithPublicKeyAsync(stop)),
        (Refused("tampered_payload", "A token whose claims were changed"), 4002, "role: admin under the old signature", (f, _) => new(f.WithPayload())),
        (Refused("tampered_signature", "A token whose signature was changed"), 4002, "one bit of the signature turned", (f, _) => new(f.WithSignature())),
        (Refused("unknown_key", "A token of a key id that nobody published"), 4002, "an unknown kid", (f, _) => new(f.SignedByStranger("nobody"))),
        (Refused("other_key", "A token of another key under a published key id"), 4002, "another key", (f, _) => new(f.SignedByStranger(f.KeyId))),
        (Refused("refresh_token", "A refresh token in place of an access token"), 4002, "the refresh token", (f, _) => new(f.Member.RefreshToken)),
        (Refused("service_token", "A service's token in place of a user's") with { Needs = Needs.State }, 4002, "the backend's own token", async (f, stop) => await f.System.ServiceTokenAsync("backend", stop)),
    ];

    private static readonly Assertion RevokedSession = Refused("revoked_session", "A token of a session that was signed out");
    private static readonly Assertion DisabledUser = Refused("disabled_user", "A token of a user who was shut out") with { Needs = Needs.Administrator, Deadline = TimeSpan.FromSeconds(10) };
    public const string OriginId = "jwt.reject.origin";

    /// <summary>What a page sends that may not connect.</summary>
    public const string SentByForeign = $"{SentByPage}{Foreign}";

    private const string Foreign = "https://evil.example";
    private const string SentByPage = "Origin: ";
    private static readonly Assertion Origin = new(OriginId, "A page of a foreign origin gets 403 at the upgrade, one of the own origin a socket", 1000);

    public override IReadOnlyList<Assertion> Assertions { get; } = [.. Cases.Select(c => c.Assertion), RevokedSession, DisabledUser, Origin];

    /// <summary>Whether a page's origin was sent, as a browser does it.</summary>
    public static bool SentAsPage(SocketExchange socket) => socket.Sent?.StartsWith(SentByPage, StringComparison.Ordinal) == true;

    private static Assertion Refused(string id, string what) => new($"jwt.reject.{id}", $"{what} is refused, while a good token connects in the same second", 1000)
    {
        Deadline = TimeSpan.FromSeconds(5),
    };

    public override Task RunAloneAsync(CheckRun run, CancellationToken cancellationToken) => RunAsync(run, cancellationToken);

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var member = await system.Members.SignUpAsync("forger", cancellationToken);
        using var forgery = new Forgery(system, member);
        // A few at once, so that a service that hangs is not waited for as often as there are cases; not more, for a user may have ten sockets.
        await Parallel.ForEachAsync(Cases, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (c, _) =>
            await run.ShowAsync(c.Assertion, async (probe, stop) =>
                await Refusals.ShowAsync(system, probe, await c.Make(forgery, stop), c.Code, _ => Task.FromResult(member.AccessToken), c.What, stop), cancellationToken));
        await run.ShowAsync(Origin, (probe, stop) => ForeignOriginAsync(run, member, probe, stop), cancellationToken);
        await run.ShowAsync(RevokedSession, async (probe, stop) =>
        {
            var second = await system.Members.SignInAsync(member.Email, member.Password, member.UserId, stop);
            (await second.GetAsync("/api/threads", stop)).Expect(200);
            (await second.SendAsync(HttpMethod.Post, "/auth/logout", null, stop)).Expect(204);
            await system.UntilRefusedAsync(second, stop);
            await Refusals.ShowAsync(system, probe, second.AccessToken, 4002, _ => Task.FromResult(member.AccessToken), "a revoked session's token", stop);
        }, cancellationToken);
        await run.ShowAsync(DisabledUser, (probe, stop) => DisableAsync(system, member, probe, stop), cancellationToken);
    }

    private static async Task ForeignOriginAsync(CheckRun run, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var system = run.System;
        Task<ProbeSocket> FromAsync(string origin) => ProbeSocket.OpenAsync(
            system.Socket, Carrier.Header, member.AccessToken, run.Time, cancellationToken, $"{SentByPage}{origin}", options => options.SetRequestHeader("Origin", origin));
        await using var foreign = await FromAsync(Foreign);
        if (foreign.HttpStatus is null) await foreign.RefusedAsync(cancellationToken);
        else foreign.Note();
        probe.Equal("the status of the upgrade", 403, foreign.HttpStatus);
        await using var own = await FromAsync(system.Frontend.GetLeftPart(UriPartial.Authority));
        await own.HelloAsync(cancellationToken);
        probe.Add(own.Describe() with { IsControl = true });
    }

    private static async Task DisableAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var disabled = await system.Members.SignUpAsync("disabled", cancellationToken);
        await using var before = await disabled.ConnectAsync(cancellationToken);
        await system.ChangeUserAsync(disabled.UserId, new JsonObject { ["disabled"] = true }, cancellationToken);
        probe.Equal("the close code of the open socket", 4004, await before.ClosedAsync(cancellationToken));
        await Refusals.ShowAsync(system, probe, disabled.AccessToken, 4002, _ => Task.FromResult(member.AccessToken), "a disabled user's token", cancellationToken);
        await system.ChangeUserAsync(disabled.UserId, new JsonObject { ["disabled"] = false }, cancellationToken); // or nobody could erase it
    }
}

/// <summary>Makes tokens that are wrong in one thing.</summary>
internal sealed class Forgery(SystemUnderTest system, Member member) : IDisposable
{
    private readonly ECDsa _stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Lock _gate = new();

    public SystemUnderTest System => system;

    public Member Member => member;

    public string KeyId => Jwt.HeaderOf(member.AccessToken).FindText("kid") ?? "none";

    private JsonObject Claims => Jwt.Change(member.Claims);

    public string Unsigned() => $"{Jwt.Encode(new JsonObject { ["alg"] = "none", ["typ"] = "at+jwt" })}.{Jwt.Encode(Claims)}.";

    public string WithPayload()
    {
        var parts = member.AccessToken.Split('.');
        return $"{parts[0]}.{Jwt.Encode(Jwt.Change(member.Claims, ("role", "admin")))}.{parts[2]}";
    }

    public string WithSignature()
    {
        var parts = member.AccessToken.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        signature[^1] ^= 1;
        return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}";
    }

    public string SignedByStranger(string keyId) => Jwt.Sign(
        new JsonObject { ["alg"] = "ES256", ["kid"] = keyId, ["typ"] = "at+jwt" }, Claims, Sign);

    /// <summary>One at a time: a key is not made for two.</summary>
    private byte[] Sign(byte[] signed)
    {
        lock (_gate) return _stranger.SignData(signed, HashAlgorithmName.SHA256);
    }

    /// <summary>Takes the published key for the secret, as a careless verifier would.</summary>
    public async Task<string> SignedWithPublicKeyAsync(CancellationToken cancellationToken)
    {
        var keys = (await system.Web.GetAsync(new Uri(system.Auth, "/.well-known/jwks"), null, cancellationToken)).Expect(200).Json;
        JsonElement key = keys.Items("keys").FirstOrDefault(k => k.FindText("kid") == KeyId);
        using var published = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Base64Url.DecodeFromChars(key.Text("x")), Y = Base64Url.DecodeFromChars(key.Text("y")) },
        });
        var secret = global::System.Text.Encoding.ASCII.GetBytes(published.ExportSubjectPublicKeyInfoPem());
        return Jwt.Sign(new JsonObject { ["alg"] = "HS256", ["kid"] = KeyId, ["typ"] = "at+jwt" }, Claims, signed => HMACSHA256.HashData(secret, signed));
    }

    public void Dispose() => _stranger.Dispose();
}
