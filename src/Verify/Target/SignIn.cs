using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Buffers.Text;

namespace Throughline.Verify;

/// <summary>Signs a user in as <c>throughline-cli</c> does: cookie, authorization code with a proof key, tokens. Each step is evidence.</summary>
internal static class SignIn
{
    public const string ClientId = "throughline-cli";

    /// <summary>What a refutation says where the sign-in of a moment ago counts for nothing.</summary>
    public const string NoCode = "authorize gave no code";

    private const string ReturnAddress = "http://127.0.0.1:7113/callback";

    /// <returns>The token endpoint's answer.</returns>
    public static async Task<JsonElement> RunAsync(SystemUnderTest system, string email, string password, CancellationToken cancellationToken)
    {
        var login = (await LogInAsync(system, email, password, cancellationToken)).Expect(204);
        var cookie = string.Join("; ", (login.Header("Set-Cookie") ?? throw new Refutation("the sign-in brought no cookie")).Split(", ").Select(c => c.Split(';')[0]).Where(c => c.Contains('=', StringComparison.Ordinal)));
        return await TokensAsync(system, cookie, cancellationToken);
    }

    public static Task<Answer> LogInAsync(SystemUnderTest system, string email, string password, CancellationToken cancellationToken, Web? web = null) => (web ?? system.Web).SendAsync(
        HttpMethod.Post, new Uri(system.Auth, "/auth/login"), null, Json.Body(new JsonObject { ["email"] = email, ["password"] = password }), cancellationToken,
        request => request.Headers.Add("X-Throughline", "1"), "e-mail and password");

    public static async Task<JsonElement> TokensAsync(SystemUnderTest system, string cookie, CancellationToken cancellationToken)
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var query = $"client_id={ClientId}&response_type=code&redirect_uri={Uri.EscapeDataString(ReturnAddress)}&scope=openid%20offline_access%20api&code_challenge={challenge}&code_challenge_method=S256&state={challenge[..8]}";
        var authorize = await system.Web.SendAsync(
            HttpMethod.Get, new Uri(system.Auth, $"/connect/authorize?{query}"), null, null, cancellationToken, request => request.Headers.Add("Cookie", cookie), "sign-in cookie");
        var place = authorize.Expect(302).Header("Location") ?? throw new Refutation("authorize answered 302 without a Location");
        var code = place.Split('?', 2).ElementAtOrDefault(1)?.Split('&').FirstOrDefault(p => p.StartsWith("code=", StringComparison.Ordinal))?["code=".Length..]
            ?? throw new Refutation(NoCode);
        var answer = await system.Web.FormAsync(new Uri(system.Auth, "/connect/token"), [
            new("grant_type", "authorization_code"), new("client_id", ClientId), new("code", Uri.UnescapeDataString(code)),
            new("code_verifier", verifier), new("redirect_uri", ReturnAddress)], cancellationToken);
        return answer.Expect(200).Json;
    }
}
