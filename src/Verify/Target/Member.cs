using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Client.Tokens;

namespace Throughline.Verify;

/// <summary>A throw-away user of the target, signed in.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
internal sealed class Member : IAccessTokenSource
{
    private static readonly TimeSpan GreetedWithin = TimeSpan.FromSeconds(15);
    private readonly SystemUnderTest _system;
    private readonly SemaphoreSlim _gate = new(1);

    internal Member(SystemUnderTest system, string email, string password) => (_system, Email, Password) = (system, email, password);

    public string Email { get; }

    public string Password { get; }

    public Guid UserId { get; internal set; }

    public string AccessToken { get; private set; } = "";

    public string RefreshToken { get; private set; } = "";

    public bool IsGone { get; set; }

    public Guid SessionId => Claims.Id("sid");

    public JsonElement Claims => Jwt.ClaimsOf(AccessToken);

    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeSeconds(Claims.Number("exp"));

    /// <summary>Signs in: another session than before.</summary>
    public async Task SignInAsync(CancellationToken cancellationToken) => Take(await SignIn.RunAsync(_system, Email, Password, cancellationToken));

    /// <summary>Uses the refresh endpoint, once.</summary>
    public async Task<Answer> RefreshAsync(string refreshToken, CancellationToken cancellationToken) =>
        await _system.Web.FormAsync(new Uri(_system.Auth, "/connect/token"), [
            new("grant_type", "refresh_token"), new("client_id", SignIn.ClientId), new("refresh_token", refreshToken)], cancellationToken);

    /// <summary>Renews the access token, and keeps the refresh token that comes with it.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken) => Take((await RefreshAsync(RefreshToken, cancellationToken)).Expect(200).Json);

    /// <summary>A token that has some seconds left.</summary>
    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        if (ExpiresAt - _system.Time.GetUtcNow() > TimeSpan.FromSeconds(2.5)) return AccessToken;
        return await RenewAsync(AccessToken, cancellationToken);
    }

    public async ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (AccessToken != refused) return AccessToken;
            await RenewAsync(cancellationToken);
            return AccessToken;
        }
        finally
        {
            _gate.Release();
        }
    }

    public Task<Answer> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, long? ifMatch = null)
    {
        var root = path.StartsWith("/auth", StringComparison.Ordinal) || path.StartsWith("/connect", StringComparison.Ordinal) ? _system.Auth : _system.Backend;
        return await _system.Web.SendAsync(
            method, new Uri(root, path), AccessToken, body is null ? null : Json.Body(body), cancellationToken,
            ifMatch is { } version ? request => request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")) : null);
    }

    /// <summary>A greeted socket with this user's token in the header.</summary>
    public async Task<ProbeSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(GreetedWithin);
        var socket = await ProbeSocket.OpenAsync(_system.Socket, Carrier.Header, await GetAsync(cancellationToken), _system.Time, limit.Token);
        socket.Owner = this;
        await socket.HelloAsync(limit.Token);
        return socket;
    }

    internal void Take(JsonElement tokens) => (AccessToken, RefreshToken) = (tokens.Text("access_token"), tokens.Text("refresh_token"));
}

internal static class Json
{
    public static HttpContent Body(JsonNode body) => new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
}
