using System.Net.Http.Headers;
using System.Net.Http.Json;
using Throughline.Client;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Users;

/// <summary>Keys of a signed-in user, and clients that bring them.</summary>
internal static class KeyHolder
{
    public static async Task<CreatedApiKey> CreateKeyAsync(this HttpClient auth, CancellationToken cancellationToken, params string[] scopes)
    {
        using var answer = await auth.PostAsJsonAsync("/auth/api-keys", new NewApiKey("test", scopes), WireJson.Default.NewApiKey, cancellationToken);
        return await answer.ReadAsync(WireJson.Default.CreatedApiKey, cancellationToken);
    }

    public static HttpClient Bringing(this Uri service, string key)
    {
        var http = ThroughlineHttp.Create(service);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }
}
