using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Throughline.Backend.Breakers;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Asks auth what an API key stands for.</summary>
internal sealed class ApiKeyClient(IHttpClientFactory http, ServiceTokenSource tokens, DependencyBreakers breakers, TimeProvider time) : IApiKeyIssuer
{
    public const string HttpClientName = "auth-api-keys";
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    // Here, and in no layer below: asking again what a key stands for changes nothing. A time-out has cost the caller enough.
    private readonly RetryBudget _retries = new(time);

    public async Task<ExchangedApiKey> ExchangeAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.ExecuteAsync(
                async stop => await breakers.Auth.ExecuteAsync(async inner => await AskAsync(key, inner), stop), e => e is HttpRequestException, cancellationToken);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e))
        {
            return new(Refusal: Refusals.Unavailable); // the breaker, readiness and the answer tell it
        }
    }

    private async Task<ExchangedApiKey> AskAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            using var client = http.CreateClient(HttpClientName);
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://auth/internal/api-keys/exchange")
            {
                Content = JsonContent.Create(new PresentedApiKey(key), WireJson.Default.PresentedApiKey),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(client, cancellationToken));
            using var response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized) tokens.Forget();
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync(WireJson.Default.ExchangedApiKey, cancellationToken)
                ?? throw new HttpRequestException("Auth answered with nothing.");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("Auth's answer is not readable.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("Auth does not answer.", e);
        }
    }
}
