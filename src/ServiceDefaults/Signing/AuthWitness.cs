using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>Who answers at auth's address.</summary>
/// <param name="ClockAhead">By how much its clock is ahead of ours, to a second; null where it does not say.</param>
internal sealed record AuthPresence(Guid Instance, Uri Address, TimeSpan? ClockAhead);

/// <summary>Asks auth who it is and for its proof, as a client of its own (<c>throughline-&lt;service&gt;</c>).</summary>
internal sealed class AuthWitness(IHttpClientFactory http, IServiceDirectory directory, ServiceIdentity identity, StateFolder state, TimeProvider time)
{
    public const string HttpClientName = "signing";

    private string SecretName => $"client-{identity.Service}";

    /// <summary>Looks who is there.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="StartupException">Another program answers.</exception>
    public async Task<AuthPresence> LookAsync(CancellationToken cancellationToken)
    {
        using var client = http.CreateClient(HttpClientName);
        using var response = await client.GetAsync("http://auth/health/live", cancellationToken);
        var address = new Uri(response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority));
        var report = response.IsSuccessStatusCode ? await ReadAsync(response, WireJson.Default.HealthReport, cancellationToken) : null;
        if (report?.Service != "auth")
            throw new StartupException(
                ExitCode.Configuration, $"At {address} {report?.Service ?? "another program"} answers, not auth: set Services:auth to the address of auth.");
        return new(report.Instance, address, response.Headers.Date - time.GetUtcNow());
    }

    /// <summary>Puts a challenge to auth.</summary>
    /// <exception cref="HttpRequestException">Auth does not answer.</exception>
    /// <exception cref="StartupException">Auth does not know this service.</exception>
    public async Task<SigningProof> ChallengeAsync(string nonce, CancellationToken cancellationToken)
    {
        using var client = http.CreateClient(HttpClientName);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://auth/internal/signing/challenge")
        {
            Content = JsonContent.Create(new SigningChallenge(nonce), WireJson.Default.SigningChallenge),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(client, cancellationToken)) },
        };
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await ReadAsync(response, WireJson.Default.SigningProof, cancellationToken) ?? throw new HttpRequestException("Auth's answer to the challenge is not readable.");
    }

    /// <summary>In words, why auth is not there.</summary>
    public async Task<string> ExplainAbsenceAsync(string message, CancellationToken cancellationToken) =>
        await directory.ExplainAsync("auth", cancellationToken) ?? message;

    private async Task<string> TokenAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([
            new("grant_type", "client_credentials"), new("client_id", $"throughline-{identity.Service}"), new("client_secret", state.ReadSecret(SecretName))]);
        using var response = await client.PostAsync("http://auth/connect/token", form, cancellationToken);
        // invalid_client; RFC 6749 §5.2 lets it be either.
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest)
            throw new StartupException(
                ExitCode.Configuration,
                $"auth does not accept the secret of {identity.Service}: give both the same {state.PathOf("secrets", SecretName)}, then restart auth, which registers it.");
        response.EnsureSuccessStatusCode();
        return (await ReadAsync(response, WitnessJson.Default.WitnessToken, cancellationToken))?.AccessToken
            ?? throw new HttpRequestException("Auth answered with no token.");
    }

    private static async Task<T?> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken);
        }
        catch (JsonException)
        {
            return null; // what answers is no auth, or one that speaks otherwise: the caller says so
        }
    }
}

internal sealed record WitnessToken([property: JsonPropertyName("access_token")] string AccessToken);

[JsonSerializable(typeof(WitnessToken))]
internal sealed partial class WitnessJson : JsonSerializerContext;
