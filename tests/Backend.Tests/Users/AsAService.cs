using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Client;

namespace Throughline.Backend.Tests.Users;

/// <summary>What auth's and the backend's own clients see: <c>/internal</c>.</summary>
internal static class AsAService
{
    /// <summary>A client with a token of <c>throughline-backend</c>, or of another confidential client. The caller disposes it.</summary>
    public static async Task<HttpClient> ServiceHttpAsync(this Services services, Uri target, CancellationToken cancellationToken, string client = "backend")
    {
        using var auth = ThroughlineHttp.Create(services.Auth.Url);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", $"throughline-{client}"),
            new("client_secret", await File.ReadAllTextAsync(services.State.PathOf("secrets", $"client-{client}"), cancellationToken)),
        ]);
        using var answer = await auth.PostAsync("/connect/token", form, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<Dictionary<string, JsonElement>>(cancellationToken))!["access_token"].GetString();
        var http = ThroughlineHttp.Create(target);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>How far the backend's replica of the user is; null while it has none.</summary>
    public static async Task<ReplicaOfUser?> ReplicaAsync(this HttpClient backend, Guid userId, CancellationToken cancellationToken)
    {
        using var response = await backend.GetAsync($"/internal/users/{userId}", cancellationToken);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound) return null;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<ReplicaOfUser>(JsonSerializerOptions.Web, cancellationToken);
    }
}

internal sealed record ReplicaOfUser(long Version, string Status, DateTimeOffset AppliedAt);
