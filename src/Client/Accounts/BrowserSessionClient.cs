using System.Net;
using Throughline.Client.Api;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Client.Accounts;

/// <summary>Sign-in for the browser, and the web app's token source: <c>/session</c> of the public origin.</summary>
/// <remarks>The refresh token stays in an HttpOnly cookie that no script sees; here is only the access token, in memory.
/// A reload starts with <see cref="RestoreAsync"/>.</remarks>
/// <param name="http">Its base address is the public origin. The browser itself adds cookie and Origin.</param>
public sealed class BrowserSessionClient(HttpClient http, TimeProvider? time = null) : RenewingTokens(time ?? TimeProvider.System)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ApiRequests _session = new(http, null, time ?? TimeProvider.System);

    /// <summary>Who is signed in; <c>null</c> when nobody is, or before the first answer.</summary>
    public Account? User { get; private set; }

    /// <summary>Raised when <see cref="User"/> has changed: signed in, renewed with other data, or signed out.</summary>
    public event Action? Changed;

    /// <summary>Signs in.</summary>
    /// <exception cref="ProtocolException"><c>invalid_credentials</c>, <c>totp_required</c>, <c>rate_limited</c>.</exception>
    public Task<Account> SignInAsync(LoginRequest login, CancellationToken cancellationToken) =>
        BeginAsync("/session", () => ApiRequests.Json(login, WireJson.Default.LoginRequest), cancellationToken);

    /// <summary>What the browser's <c>navigator.credentials.get</c> takes, for any passkey of this site.</summary>
    public Task<PasskeyChallenge> BeginPasskeySignInAsync(CancellationToken cancellationToken) =>
        _session.ReadAsync(HttpMethod.Post, "/auth/passkeys/login/options", EmptyJson, WireJson.Default.PasskeyChallenge, cancellationToken, Prove);

    /// <summary>Signs in with the browser's answer to <see cref="BeginPasskeySignInAsync"/>.</summary>
    /// <exception cref="ProtocolException"><c>invalid_credentials</c>: no account has this passkey, or the challenge is spent or over five
    /// minutes old; <c>rate_limited</c>.</exception>
    public Task<Account> SignInWithPasskeyAsync(PasskeyAnswer answer, CancellationToken cancellationToken) =>
        BeginAsync("/session/passkey", () => ApiRequests.Json(answer, WireJson.Default.PasskeyAnswer), cancellationToken);

    /// <summary>Takes up the session of the cookie, if there is one: after a reload, or in a new tab.</summary>
    /// <returns>Who is signed in, or <c>null</c>.</returns>
    public async Task<Account?> RestoreAsync(CancellationToken cancellationToken)
    {
        Begin(null);
        await GetAsync(cancellationToken);
        return User;
    }

    /// <summary>Reads the account again, after something has changed it.</summary>
    public async Task ReloadUserAsync(CancellationToken cancellationToken)
    {
        if (await GetAsync(cancellationToken) is { } token)
            await RenewAsync(token, cancellationToken);
    }

    /// <summary>Signs out: the session ends at the service, and the cookie goes.</summary>
    public Task SignOutAsync(CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        (await _session.AnswerAsync(HttpMethod.Delete, "/session", EmptyJson, Prove, cancellationToken)).Dispose();
        End();
        Show(null);
        return true;
    }, cancellationToken);

    private Task<Account> BeginAsync(string path, Func<HttpContent> proof, CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        var session = await _session.ReadAsync(HttpMethod.Post, path, proof, WireJson.Default.BrowserSession, cancellationToken, Prove);
        Begin(Read(session));
        Show(session.User);
        return session.User;
    }, cancellationToken);

    private protected override async Task<Current?> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            var session = await _session.ReadAsync(HttpMethod.Post, "/session/refresh", EmptyJson, WireJson.Default.BrowserSession, cancellationToken, Prove);
            Show(session.User);
            return Read(session);
        }
        catch (ProtocolException refused) when (refused.Status == (int)HttpStatusCode.Unauthorized)
        {
            Show(null);
            return null;
        }
    }

    private Current Read(BrowserSession session) => new(session.AccessToken, _time.GetUtcNow().AddSeconds(session.ExpiresIn));

    private void Show(Account? user)
    {
        if (user == User)
            return;
        User = user;
        Changed?.Invoke();
    }

    // A form of another site can send neither this header nor this content type without asking first.
    private static void Prove(HttpRequestMessage request) => request.Headers.Add("X-Throughline", "1");

    private static ByteArrayContent EmptyJson() => new("{}"u8.ToArray()) { Headers = { ContentType = new("application/json") } };
}
