using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Throughline.Client;
using Throughline.Contracts.Discovery;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Operator;

/// <summary>
/// Speaks to a running stack as its operator: whoever can read <c>secrets/client-operator</c> of the state folder may do what the
/// services' <c>/internal</c> routes offer to <see cref="TokenPolicies.Operator"/>.
/// </summary>
internal static class OperatorClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5); // a whole audit log, or all users, may be read

    /// <summary>Finds the service of this state and signs in to it. The caller disposes the client.</summary>
    /// <exception cref="LauncherException">The stack does not run, or does not take this state's secret.</exception>
    public static async Task<HttpClient> ConnectAsync(StateDirectory state, string service, CancellationToken cancellationToken)
    {
        var auth = Find(state, "auth");
        var target = service == "auth" ? auth : Find(state, service);
        using var http = ThroughlineHttp.Create(new Uri(auth.ApiUrl));
        http.Timeout = Patience;
        using var form = new FormUrlEncodedContent([
            new("grant_type", "client_credentials"), new("client_id", TokenPolicies.OperatorClient),
            new("client_secret", (await File.ReadAllTextAsync(state.PathOf("secrets", "client-operator"), cancellationToken)).Trim())]);
        using var response = await http.PostAsync(new Uri("/connect/token", UriKind.Relative), form, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new LauncherException(
                ExitCode.Configuration, $"Auth did not accept {state.PathOf("secrets", "client-operator")} (status {(int)response.StatusCode}).",
                "Restart the stack on this state: throughline down && throughline up");
        var token = await response.Content.ReadFromJsonAsync(OperatorJson.Default.OperatorToken, cancellationToken);
        var client = ThroughlineHttp.Create(new Uri(target.ApiUrl));
        client.Timeout = Patience;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token!.AccessToken);
        return client;
    }

    private static DiscoveryRecord Find(StateDirectory state, string service) =>
        DiscoveryFiles.Read(state.Root, service).FirstOrDefault()
        ?? throw new LauncherException(ExitCode.Other, $"The {service} of {state.Root} is not running.", "Start it with: throughline up --detach");
}

internal sealed record OperatorToken([property: JsonPropertyName("access_token")] string AccessToken);

[JsonSerializable(typeof(OperatorToken))]
internal sealed partial class OperatorJson : JsonSerializerContext;
