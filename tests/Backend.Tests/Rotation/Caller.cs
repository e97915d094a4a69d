using System.Net;
using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Tokens;

namespace Throughline.Backend.Tests.Rotation;

/// <summary>Uses its tokens without pause, at the backend, at auth and on sockets, and counts what was refused though it was good.</summary>
internal sealed class Caller : IDisposable
{
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(15);

    private readonly RotatingServices _services;
    private readonly NativeSignIn _signIn;
    private readonly HttpClient _backend;
    private readonly HttpClient _auth;
    private TokenSet _tokens;

    public Caller(RotatingServices services, TokenSet tokens)
    {
        (_services, _tokens) = (services, tokens);
        _signIn = new(services.Auth.Url);
        _backend = ThroughlineHttp.Create(services.Backend.Url);
        _auth = ThroughlineHttp.Create(services.Auth.Url);
    }

    public string AccessToken => Volatile.Read(ref _tokens).AccessToken;

    public int Requests { get; private set; }

    public int Sockets { get; private set; }

    /// <summary>Tokens that were refused before they had expired, with what was answered.</summary>
    public List<string> Refused { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(Pace);
        try
        {
            while (true)
            {
                Volatile.Write(ref _tokens, await _signIn.RefreshAsync(_tokens, cancellationToken));
                var began = TimeProvider.System.GetTimestamp();
                await OpenSocketAsync(cancellationToken); // the very first use of the token, while its key may be new
                while (TimeProvider.System.GetElapsedTime(began) < RenewAfter)
                {
                    await AskAsync(_backend, "/api/limits", cancellationToken);
                    await AskAsync(_auth, "/auth/me", cancellationToken);
                    await pace.WaitForNextTickAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    public void Dispose()
    {
        _signIn.Dispose();
        _backend.Dispose();
        _auth.Dispose();
    }

    private async Task AskAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", AccessToken) } };
        using var response = await http.SendAsync(request, cancellationToken);
        Requests++;
        if (response.StatusCode != HttpStatusCode.OK) Refuse($"{http.BaseAddress}{path[1..]} {(int)response.StatusCode} {response.Headers.WwwAuthenticate}");
    }

    private async Task OpenSocketAsync(CancellationToken cancellationToken)
    {
        await using var socket = await RawSocket.OpenAsync(
            new Uri(_services.Backend.Record.WsUrl!), options => options.SetRequestHeader("Authorization", $"Bearer {AccessToken}"), cancellationToken);
        Sockets++;
        try
        {
            await socket.HelloAsync(cancellationToken);
        }
        catch (InvalidOperationException)
        {
            Refuse($"socket {socket.CloseStatus} {socket.CloseText}");
        }
    }

    private void Refuse(string answer)
    {
        // A machine under load may have held an answer back until the token was over.
        if (TimeProvider.System.GetUtcNow() < _tokens.ExpiresAt.AddSeconds(-1)) Refused.Add(answer);
    }
}
