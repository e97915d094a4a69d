using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Audit;

/// <summary>Whoever is turned away is in the audit log, once a minute for each door, however often it is tried.</summary>
public sealed class BeingTurnedAway
{
    private const string Attacker = "203.0.113.7";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_a_limit_a_scope_or_a_foreign_page()
    {
        await using var process = await AuthProcess.StartAsync(Stop, ("Accounts__LoginFailuresPerAccount", "2"));
        var auth = new AuthClient(process);
        var (user, tokens) = await auth.NewUserAsync();
        var made = await auth.SendAsync(HttpMethod.Post, "/auth/api-keys", tokens.Access, new { name = "script", scopes = (string[])["api"] });
        var key = made.As<CreatedApiKey>().Key;

        for (var i = 0; i < 12; i++) await auth.PostFromAsync(Attacker, "/auth/login", new { email = user.Email, password = $"guess-{i}" });
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.Forbidden, (await auth.GetAsync("/auth/sessions", key)).Status);
        var foreign = await auth.SendAsync(HttpMethod.Post, "/auth/login", json: new { email = user.Email, password = "x" }, headers: [("Origin", "https://elsewhere.example")]);
        Assert.Equal("foreign_origin", foreign.Code);

        var told = await Activity.ReadAsync(auth, "event=access.denied");
        Assert.All(told, e => Assert.Equal("denied", e.Outcome));
        Assert.Single(told, e => (e.Address, e.UserId) == (Attacker, null) && e.Detail!.EndsWith(": too many attempts", StringComparison.Ordinal));
        Assert.Single(told, e => e.UserId == user.UserId && e.Detail!.Contains("/auth/sessions", StringComparison.Ordinal) && e.Detail.EndsWith(": not allowed", StringComparison.Ordinal));
        Assert.Single(told, e => e.UserId is null && e.Detail!.Contains("/auth/login", StringComparison.Ordinal) && e.Detail.EndsWith(": not allowed", StringComparison.Ordinal));
        Assert.Equal(3, told.Count);
        Assert.DoesNotContain(told, e => e.Detail!.Contains(user.Email, StringComparison.OrdinalIgnoreCase));
    }
}
