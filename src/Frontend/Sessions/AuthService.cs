using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>Speaks to auth on a browser's behalf: password or passkey → sign-in cookie → code with PKCE → tokens of <c>throughline-web</c>.</summary>
/// <remarks>There is no password grant; the cookie lives for these three calls and never reaches the browser.</remarks>
internal sealed class AuthService(HttpClient http, WebClient client, FrontendProof proof)
{
    /// <exception cref="AuthRefusal">Wrong password, second factor due, too many tries, or auth is away.</exception>
    public async Task<WebTokens> SignInAsync(LoginRequest login, Caller caller, CancellationToken cancellationToken) =>
        await GrantAsync(await LogInAsync("/auth/login", login, WireJson.Default.LoginRequest, caller, cancellationToken), caller, cancellationToken);

    /// <exception cref="AuthRefusal">The passkey is not known or not right, its challenge is spent or over, too many tries, or auth is away.</exception>
    public async Task<WebTokens> SignInAsync(PasskeyAnswer answer, Caller caller, CancellationToken cancellationToken) =>
        await GrantAsync(await LogInAsync("/auth/passkeys/login", answer, WireJson.Default.PasskeyAnswer, caller, cancellationToken), caller, cancellationToken);

    /// <remarks>Two tabs that come with one token within seconds both succeed: auth gives the second the first one's successor.</remarks>
    /// <exception cref="AuthRefusal">With <c>invalid_grant</c> the session has ended.</exception>
    public Task<WebTokens> RefreshAsync(string refreshToken, Caller caller, CancellationToken cancellationToken) =>
        TokensAsync(refreshToken, [
            new("grant_type", "refresh_token"), new("client_id", WebClient.Id), new("refresh_token", refreshToken)],
            caller, cancellationToken);

    /// <summary>Ends the session; its sockets close within a second. One that has ended already is no failure.</summary>
    public async Task RevokeAsync(string refreshToken, Caller caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/revoke")
        {
            Content = new FormUrlEncodedContent([
                new("client_id", WebClient.Id), new("token", refreshToken), new("token_type_hint", "refresh_token")]),
        };
        using var response = await SendAsync(request, caller, HttpStatusCode.OK, cancellationToken);
    }

    private async Task<WebTokens> GrantAsync(string cookie, Caller caller, CancellationToken cancellationToken)
    {
        var verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var returnAddress = client.ReturnAddress ?? await ReturnAddressAsync(caller, cancellationToken);
        var code = await AuthorizeAsync(cookie, verifier, returnAddress, caller, cancellationToken);
        return await TokensAsync(null, [
            new("grant_type", "authorization_code"), new("client_id", WebClient.Id), new("code", code),
            new("code_verifier", verifier), new("redirect_uri", returnAddress)], caller, cancellationToken);
    }

    private async Task<string> LogInAsync<T>(string path, T proof, JsonTypeInfo<T> type, Caller caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(proof, type) };
        request.Headers.Add("X-Throughline", "1");
        using var response = await SendAsync(request, caller, HttpStatusCode.NoContent, cancellationToken);
        return string.Join("; ", response.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    private async Task<string> ReturnAddressAsync(Caller caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration");
        using var response = await SendAsync(request, caller, HttpStatusCode.OK, cancellationToken);
        return client.ReturnTo((await ReadAsync(response, AuthJson.Default.IssuerAnswer, cancellationToken)).Issuer);
    }

    private async Task<string> AuthorizeAsync(
        string cookie, string verifier, string returnAddress, Caller caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, QueryHelpers.AddQueryString("/connect/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = WebClient.Id,
            ["response_type"] = "code",
            ["redirect_uri"] = returnAddress,
            ["scope"] = WebClient.Scope,
            ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        }));
        request.Headers.Add("Cookie", cookie);
        using var response = await SendAsync(request, caller, HttpStatusCode.Redirect, cancellationToken);
        return QueryHelpers.ParseQuery(response.Headers.Location?.Query).TryGetValue("code", out var code) && code is [{ Length: > 0 } value]
            ? value
            : throw await AuthRefusal.ReadAsync(response, cancellationToken);
    }

    private async Task<WebTokens> TokensAsync(
        string? before, IEnumerable<KeyValuePair<string, string>> form, Caller caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(form) };
        using var response = await SendAsync(request, caller, HttpStatusCode.OK, cancellationToken);
        var tokens = await ReadAsync(response, AuthJson.Default.TokenAnswer, cancellationToken);

        using var me = new HttpRequestMessage(HttpMethod.Get, "/auth/me") { Headers = { Authorization = new("Bearer", tokens.AccessToken) } };
        using var answer = await SendAsync(me, caller, HttpStatusCode.OK, cancellationToken);
        var user = await ReadAsync(answer, WireJson.Default.Account, cancellationToken);
        return new(tokens.AccessToken, tokens.ExpiresIn, tokens.RefreshToken ?? before ?? throw await AuthRefusal.ReadAsync(response, cancellationToken), user);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, Caller caller, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        request.Headers.Add(FrontendProof.Header, proof.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", caller.Address);
        request.Headers.TryAddWithoutValidation("User-Agent", caller.UserAgent);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (Exception lost) when (lost is HttpRequestException || (lost is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw AuthRefusal.Unreachable(lost);
        }

        if (response.StatusCode == expected)
            return response;
        using (response)
            throw await AuthRefusal.ReadAsync(response, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw await AuthRefusal.ReadAsync(response, cancellationToken);
}
