using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts.Traces;

namespace Throughline.Client.Api;

/// <summary>One HTTP call as every service expects it: bearer token, JSON by the wire context, refusals as <see cref="ProtocolException"/>.</summary>
internal sealed class ApiRequests(HttpClient http, IAccessTokenSource? tokens, TimeProvider time)
{
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        ReadAsync(HttpMethod.Get, path, null, type, cancellationToken);

    public Task<T> SendAsync<TBody, T>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        ReadAsync(method, path, () => Json(body, bodyType), type, cancellationToken);

    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        (await AnswerAsync(method, path, null, null, cancellationToken)).Dispose();

    /// <summary>Sends a body to a call that answers with none.</summary>
    public async Task SendAsync<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken) =>
        (await AnswerAsync(method, path, () => Json(body, bodyType), null, cancellationToken)).Dispose();

    /// <param name="content">Makes the body; called again when the request is repeated with a renewed token.</param>
    public async Task<T> ReadAsync<T>(
        HttpMethod method, string path, Func<HttpContent>? content, JsonTypeInfo<T> type, CancellationToken cancellationToken,
        Action<HttpRequestMessage>? prepare = null)
    {
        using var response = await AnswerAsync(method, path, content, prepare, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
            ?? throw new ProtocolException("empty_answer", "The service answered with nothing.") { Status = (int)response.StatusCode };
    }

    public async Task<HttpResponseMessage> AnswerAsync(
        HttpMethod method, string path, Func<HttpContent>? content, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken)
    {
        var token = tokens is null ? null : await tokens.GetAsync(cancellationToken) ?? throw ProtocolException.SignedOut();
        var response = await SendOnceAsync(method, path, content, prepare, token, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && token is not null)
        {
            // The token may have been revoked or its key rotated since it was fetched: once more with another.
            response.Dispose();
            token = await tokens!.RenewAsync(token, cancellationToken) ?? throw ProtocolException.SignedOut();
            response = await SendOnceAsync(method, path, content, prepare, token, cancellationToken);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await ProblemReader.ReadAsync(response, time, cancellationToken);
    }

    /// <summary>The condition that nobody has changed it since <paramref name="version"/>.</summary>
    public static Action<HttpRequestMessage> IfMatch(long version) =>
        request => request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\""));

    public static HttpContent Json<T>(T body, JsonTypeInfo<T> type) => new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type))
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string path, Func<HttpContent>? content, Action<HttpRequestMessage>? prepare, string? token,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = content?.Invoke();
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // Inside a trace the runtime names it; a browser's never does, and a program that traces nothing may still be asked what it called.
        if (Activity.Current is null)
            request.Headers.TryAddWithoutValidation(Traceparent.Header, Traceparent.New());
        prepare?.Invoke(request);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
