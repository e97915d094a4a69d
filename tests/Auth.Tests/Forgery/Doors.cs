using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>Where a token is shown.</summary>
internal interface IDoor
{
    string Name { get; }

    /// <returns>Null where the token was refused as every other; else what was wrong.</returns>
    Task<string?> RefuseAsync(string token, CancellationToken cancellationToken);

    /// <returns>Null where the token was accepted as the user's; else what was wrong.</returns>
    Task<string?> AcceptAsync(string token, Guid user, CancellationToken cancellationToken);
}

/// <summary>A route that needs a user's token, over connections that are kept.</summary>
/// <param name="answers">Shared by all doors of HTTP: every refusal is the same document, the trace id aside.</param>
internal sealed class HttpDoor(string name, Uri address, SameAnswer answers) : IDoor, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false });

    public string Name => name;

    public async Task<string?> RefuseAsync(string token, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(token, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized) return $"{name} answered {(int)answer.StatusCode} {body}";
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"{name} answered with {answer.Content.Headers.ContentType}";
        return answers.Compare(body) is { } difference ? $"{name} answered otherwise: {difference}" : null;
    }

    public async Task<string?> AcceptAsync(string token, Guid user, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(token, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK && body.Contains(user.ToString(), StringComparison.Ordinal) ? null : $"{name} answered {(int)answer.StatusCode} {body}";
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (!request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}")) throw new ArgumentException("No header can carry it.", nameof(token));
        return await _http.SendAsync(request, cancellationToken);
    }
}

/// <summary>Compares refusals: one that tells more than another would help a forger.</summary>
internal sealed class SameAnswer
{
    private string? _first;

    /// <returns>The body, where it differs from the first one seen.</returns>
    public string? Compare(string body)
    {
        var common = WithoutTraceId(body);
        return (Interlocked.CompareExchange(ref _first, common, null) ?? common) == common ? null : body;
    }

    /// <summary>So that a body of nothing does not pass for the same.</summary>
    public void AssertIsInvalidToken()
    {
        using var json = JsonDocument.Parse(_first!);
        Assert.Equal((401, "invalid_token"), (json.RootElement.GetProperty("status").GetInt32(), json.RootElement.GetProperty("code").GetString()));
    }

    private static string WithoutTraceId(string body)
    {
        const string Member = "\"traceId\":\"";
        var from = body.IndexOf(Member, StringComparison.Ordinal);
        return from < 0 ? body : body.Remove(from + Member.Length, body.IndexOf('"', from + Member.Length) - from - Member.Length);
    }
}

/// <summary><c>/ws</c>, with the token in the header or as a subprotocol.</summary>
internal sealed class SocketDoor(Uri address) : IDoor, IDisposable
{
    private const int InvalidToken = 4002;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
    private int _turn;

    public string Name => "/ws";

    public async Task<string?> RefuseAsync(string token, CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(token, cancellationToken);
        var (type, text) = await ReceiveAsync(socket, cancellationToken);
        if (type != WebSocketMessageType.Close) return $"/ws sent {text}";
        return (int?)socket.CloseStatus == InvalidToken && socket.CloseStatusDescription!.StartsWith("invalid token: ", StringComparison.Ordinal)
            ? null
            : $"/ws closed with {(int?)socket.CloseStatus} {socket.CloseStatusDescription}";
    }

    public async Task<string?> AcceptAsync(string token, Guid user, CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(token, cancellationToken);
        var (_, text) = await ReceiveAsync(socket, cancellationToken);
        return text.Contains("\"hello\"", StringComparison.Ordinal) && text.Contains(user.ToString(), StringComparison.Ordinal) ? null : $"/ws closed with {(int?)socket.CloseStatus} {text}";
    }

    public void Dispose() => _http.Dispose();

    private async Task<ClientWebSocket> OpenAsync(string token, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        if (Interlocked.Increment(ref _turn) % 2 == 0 && ForgeryKind.CanBeSubprotocol(token)) socket.Options.AddSubProtocol($"bearer.{token}");
        else socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(address, _http, cancellationToken);
        return socket;
    }

    private static async Task<(WebSocketMessageType Type, string Text)> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        if (received.MessageType == WebSocketMessageType.Close) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        return (received.MessageType, Encoding.UTF8.GetString(buffer, 0, received.Count));
    }
}
