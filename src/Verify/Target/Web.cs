using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Contracts.Http;

namespace Throughline.Verify;

/// <summary>Sends HTTP requests as any client would, and notes each with its answer as evidence. Nothing is retried or followed.</summary>
internal sealed class Web : IDisposable
{
    /// <summary>Another address of this machine, as far as its services can tell.</summary>
    public static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");

    private const int BodyKept = 400;

    /// <summary>Longer than any limit that is measured: what prepares a check must not wait for a service that hangs until the run ends.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Func<Uri, string?> _serviceAt;

    /// <param name="serviceAt">Which service is known to be at an address.</param>
    /// <param name="from">The address of this machine that requests come from; null for the usual one.</param>
    public Web(TimeProvider time, Func<Uri, string?> serviceAt, IPAddress? from = null)
    {
        (_time, _serviceAt) = (time, serviceAt);
        _http = new HttpClient(new LostConnections(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            // What a killed service leaves behind must not fail the first request to its successor.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = from is null ? null : (context, stop) => ConnectAsync(from, context.DnsEndPoint, stop),
        }))
        { Timeout = AnswerWithin };
    }

    public Task<Answer> GetAsync(Uri url, string? token, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, url, token, null, cancellationToken);

    public Task<Answer> PostAsync(Uri url, string? token, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, url, token, body is null ? null : JsonContent.Create(body, JsonNodeJson.Default.JsonNode), cancellationToken);

    public Task<Answer> FormAsync(Uri url, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, url, null, new FormUrlEncodedContent(form), cancellationToken);

    /// <param name="token">A bearer token; null for none.</param>
    /// <param name="prepare">Sets further headers.</param>
    /// <param name="sent">What of the request matters, where it is more than the credential.</param>
    /// <exception cref="HttpRequestException">There was no answer; noted as evidence all the same.</exception>
    public async Task<Answer> SendAsync(
        HttpMethod method, Uri url, string? token, HttpContent? content, CancellationToken cancellationToken, Action<HttpRequestMessage>? prepare = null, string? sent = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = content };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        prepare?.Invoke(request);
        sent ??= token is null ? "no token" : "bearer token";
        var (at, began) = (_time.GetUtcNow(), _time.GetTimestamp());
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return Note(method, url, sent, response, text, at, began);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            Probe.Current?.Add(new HttpExchange(
                at, method.Method, url.AbsoluteUri, sent, null, null, FailureOf(e), e.Message, new Answerer(_serviceAt(url), null), null, ElapsedMs(began)));
            throw;
        }
    }

    /// <summary>Opens an answer that goes on; the caller reads and disposes it.</summary>
    public async Task<HttpResponseMessage> StreamAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _http.Dispose();

    internal static ExchangeFailure FailureOf(Exception exception)
    {
        if (exception is OperationCanceledException or TimeoutException) return ExchangeFailure.TimedOut;
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is SocketException socket)
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => ExchangeFailure.Refused,
                    SocketError.TimedOut => ExchangeFailure.TimedOut,
                    // EADDRNOTAVAIL of connect(2), EADDRINUSE of bind(2) to port 0
                    SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => ExchangeFailure.NoPort,
                    SocketError.HostNotFound or SocketError.HostUnreachable or SocketError.NetworkUnreachable => ExchangeFailure.Unreachable,
                    _ => ExchangeFailure.Reset,
                };
        return exception is IOException or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.ConnectionError } ? ExchangeFailure.Reset : ExchangeFailure.Protocol;
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress from, DnsEndPoint to, CancellationToken cancellationToken)
    {
        var socket = new Socket(from.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Answer Note(HttpMethod method, Uri url, string sent, HttpResponseMessage response, string text, DateTimeOffset at, long began)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .GroupBy(h => h.Key.ToLowerInvariant()).ToDictionary(h => h.Key, h => string.Join(", ", h.SelectMany(x => x.Value)));
        var (code, trace) = response.IsSuccessStatusCode ? (null, null) : ProblemOf(text);
        Guid? instance = headers.TryGetValue("throughline-instance", out var id) && Guid.TryParse(id, out var parsed) ? parsed : null;
        var exchange = new HttpExchange(
            at, method.Method, url.AbsoluteUri, sent, (int)response.StatusCode, code, null, ReasonIn(headers), new Answerer(_serviceAt(url), instance), trace, ElapsedMs(began),
            response.IsSuccessStatusCode ? null : text.Length <= BodyKept ? text : text[..BodyKept]);
        Probe.Current?.Add(exchange);
        if (response.StatusCode >= HttpStatusCode.InternalServerError) Probe.Current?.IsLoggedAs(trace);
        return new Answer((int)response.StatusCode, text, headers, exchange);
    }

    /// <remarks><c>Bearer error="invalid_token", error_description="expired"</c>, RFC 6750 §3.</remarks>
    private static string? ReasonIn(Dictionary<string, string> headers) =>
        headers.GetValueOrDefault("www-authenticate")?.Split("error_description=\"", 2).ElementAtOrDefault(1)?.Split('"')[0];

    private static (string? Code, string? TraceId) ProblemOf(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            return (json.FindText("code") ?? json.FindText("error"), json.FindText("traceId"));
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private double ElapsedMs(long began) => Math.Round(_time.GetElapsedTime(began).TotalMilliseconds, 1);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class JsonNodeJson : System.Text.Json.Serialization.JsonSerializerContext;
