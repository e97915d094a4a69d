using System.Net;
using System.Runtime.Versioning;
using Throughline.Client.Api;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Http;

namespace Throughline.Client.Accounts;

/// <summary>Sign-in for native programs: e-mail and password to tokens of the public client <c>throughline-cli</c>.</summary>
/// <remarks>There is no password grant: the password makes a sign-in cookie, the cookie an authorization code, and the code with
/// its proof key the tokens. Nothing listens on the return address, because the redirect is read and not followed.</remarks>
[UnsupportedOSPlatform("browser")]
public sealed class NativeSignIn : IDisposable
{
    private const string ClientId = "throughline-cli";
    private const string ReturnAddress = "http://127.0.0.1:7113/callback";

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="origin">The public origin or auth's own address.</param>
    public NativeSignIn(Uri origin, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _http = new HttpClient(new LostConnections(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })) { BaseAddress = origin };
    }

    /// <summary>Signs in and starts a session.</summary>
    /// <exception cref="ProtocolException"><c>invalid_credentials</c>, for a wrong password and an unknown e-mail alike;
    /// <c>totp_required</c>: ask for six digits and call again; <c>rate_limited</c>, with a time to wait.</exception>
    public async Task<TokenSet> LogInAsync(LoginRequest login, CancellationToken cancellationToken)
    {
        var cookie = await SignInCookieAsync(login, cancellationToken);
        var proof = Pkce.Create();
        var code = await AuthorizeAsync(cookie, proof, cancellationToken);
        return await TokensAsync(null, [
            new("grant_type", "authorization_code"), new("client_id", ClientId), new("code", code),
            new("code_verifier", proof.Verifier), new("redirect_uri", ReturnAddress)], cancellationToken);
    }

    /// <summary>Trades the refresh token for a new set. The old refresh token is spent.</summary>
    /// <exception cref="ProtocolException"><c>invalid_grant</c>: the session has ended.</exception>
    public Task<TokenSet> RefreshAsync(TokenSet tokens, CancellationToken cancellationToken) =>
        TokensAsync(tokens.RefreshToken, [
            new("grant_type", "refresh_token"), new("client_id", ClientId), new("refresh_token", tokens.RefreshToken)], cancellationToken);

    /// <summary>Ends the session: the refresh token is revoked, and with it its whole family. No error if it had ended already.</summary>
    public async Task RevokeAsync(TokenSet tokens, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([
            new("client_id", ClientId), new("token", tokens.RefreshToken), new("token_type_hint", "refresh_token")]);
        using var response = await _http.PostAsync("/connect/revoke", content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await ProblemReader.ReadAsync(response, _time, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> SignInCookieAsync(LoginRequest login, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/login") { Content = ApiRequests.Json(login, WireJson.Default.LoginRequest) };
        request.Headers.Add("X-Throughline", "1");
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await ProblemReader.ReadAsync(response, _time, cancellationToken);
        return response.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? string.Join("; ", cookies.Select(cookie => cookie.Split(';')[0]))
            : throw new ProtocolException("internal", "The sign-in brought no cookie.");
    }

    private async Task<string> AuthorizeAsync(string cookie, Pkce proof, CancellationToken cancellationToken)
    {
        var path = Paths.With("/connect/authorize",
            ("client_id", ClientId), ("response_type", "code"), ("redirect_uri", ReturnAddress), ("scope", "openid offline_access api"),
            ("code_challenge", proof.Challenge), ("code_challenge_method", "S256"), ("state", proof.Challenge[..8]));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Redirect || response.Headers.Location is not { } to)
            throw await ProblemReader.ReadAsync(response, _time, cancellationToken);
        return QueryValue(to, "code")
            ?? throw new ProtocolException(QueryValue(to, "error") ?? "access_denied", "The service gave no authorization code.");
    }

    private async Task<TokenSet> TokensAsync(
        string? before, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent(form);
        using var response = await _http.PostAsync("/connect/token", content, cancellationToken);
        return await TokenReader.ReadAsync(response, before, _time, cancellationToken);
    }

    private static string? QueryValue(Uri address, string name) => address.OriginalString
        .Split('?', 2).ElementAtOrDefault(1)?.Split('#')[0].Split('&')
        .Select(pair => pair.Split('=', 2))
        .Where(pair => pair.Length == 2 && pair[0] == name)
        .Select(pair => Uri.UnescapeDataString(pair[1].Replace('+', ' ')))
        .FirstOrDefault();
}
