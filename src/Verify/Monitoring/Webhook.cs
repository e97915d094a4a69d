using System.Net;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Http;
using Throughline.Contracts.Proof;

namespace Throughline.Verify.Monitoring;

/// <summary>Posts changes of state to one address. Redirects are not followed: where it goes is what the operator wrote.</summary>
public sealed class Webhook(Uri address, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    private readonly HttpClient _http = new(new LostConnections(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }))
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <summary>Tries three times where it may help.</summary>
    /// <returns>Why it was not taken; null: it was.</returns>
    public async Task<string?> PostAsync(ProofChange change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (failure, mayHelp) = await PostOnceAsync(change, cancellationToken);
            if (failure is null || !mayHelp || attempt == Pauses.Length) return failure;
            await Task.Delay(Pauses[attempt], time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string? Failure, bool MayHelp)> PostOnceAsync(ProofChange change, CancellationToken cancellationToken)
    {
        try
        {
            // Of a known length: not every small receiver takes one in chunks.
            using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(change, WireJson.Default.ProofChange)) { Headers = { ContentType = new("application/json") } };
            using var response = await _http.PostAsync(address, body, cancellationToken);
            var isBusy = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
            return response.IsSuccessStatusCode ? (null, false) : ($"it answered {(int)response.StatusCode}", isBusy);
        }
        catch (HttpRequestException e)
        {
            return (e.Message, true);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"it did not answer within {_http.Timeout.TotalSeconds:0} s", true);
        }
    }
}
