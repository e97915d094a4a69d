namespace Throughline.Verify.Checks;

/// <summary>Verifies an access token as a stranger to the product would: by what auth publishes.</summary>
internal static class TokenFacts
{
    public static async Task VerifyAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var discovery = (await system.Web.GetAsync(new Uri(system.Auth, "/.well-known/openid-configuration"), null, cancellationToken)).Expect(200).Json;
        var (header, claims) = (Jwt.HeaderOf(member.AccessToken), member.Claims);
        probe.Equal("the token's issuer", discovery.Text("issuer").TrimEnd('/'), claims.Text("iss").TrimEnd('/'));
        probe.Equal("the token's audience", "throughline", claims.Text("aud"));
        probe.Equal("the token's subject", member.UserId, claims.Id("sub"));
        probe.Equal("the token's type", "at+jwt", header.Text("typ"));
        var now = system.Time.GetUtcNow().ToUnixTimeSeconds();
        probe.That(claims.Number("exp") > now && claims.Number("exp") - claims.Number("iat") <= 3600, $"the token expires at {claims.Number("exp")}; it is {now}");
        if (system.IssuingSecret is { } secret)
        {
            probe.Equal("the token's algorithm", "HS256", header.Text("alg"));
            probe.That(Jwt.IsSignedWith(secret, member.AccessToken), "the shared secret has not signed the token");
            return;
        }

        var keys = (await system.Web.GetAsync(Published(system, discovery.Text("jwks_uri")), null, cancellationToken)).Expect(200).Json;
        if (header.Text("alg") == "HS256") throw new NotJudged("the target signs with a shared secret that verify does not know");
        probe.Equal("the token's algorithm", "ES256", header.Text("alg"));
        probe.That(Jwt.IsSignedBy(member.AccessToken, keys), "no published key has signed the token");
    }

    /// <summary>The path that is published, at the address that is being tested: the public origin need not be reachable by its name.</summary>
    private static Uri Published(SystemUnderTest system, string jwks) => new(system.Auth, new Uri(jwks).AbsolutePath);
}
