using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;

namespace Throughline.ServiceDefaults;

/// <summary>One endpoint of a service, and who may call it.</summary>
/// <param name="Method"><c>*</c> where every method is taken.</param>
/// <param name="Policies">Names of what the caller must satisfy; <c>user</c> is any signed-in one.</param>
/// <param name="IsAnonymous">Whether it is open to everyone. Neither this nor a policy: nobody has decided.</param>
/// <param name="IsAsset">Whether it is a file of the web app.</param>
public sealed record ListedRoute(string Method, string Pattern, IReadOnlyList<string> Policies, bool IsAnonymous, bool IsAsset);

/// <summary>
/// The option <c>--routes</c> of every service: it puts itself together as for a start, prints its endpoints as JSON, and ends, without
/// listening and without touching a database.
/// </summary>
public static class RouteList
{
    public const string Option = "--routes";

    internal static bool IsAskedFor => Environment.GetCommandLineArgs().Contains(Option, StringComparer.Ordinal);

    public static IReadOnlyList<ListedRoute> Parse(string json) => JsonSerializer.Deserialize(json, RouteListJson.Default.ListListedRoute) ?? [];

    internal static void Print(IEndpointRouteBuilder routes, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(Of(routes), RouteListJson.Default.ListListedRoute));

    internal static List<ListedRoute> Of(IEndpointRouteBuilder routes) =>
        [.. routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(Describe)
            .OrderBy(r => r.Pattern, StringComparer.Ordinal).ThenBy(r => r.Method, StringComparer.Ordinal)];

    private static IEnumerable<ListedRoute> Describe(RouteEndpoint endpoint)
    {
        var metadata = endpoint.Metadata;
        string[] policies =
        [
            .. metadata.GetOrderedMetadata<IAuthorizeData>().Select(a => a.Policy ?? (a.Roles is { } roles ? $"role {roles}" : "user")),
            .. metadata.GetOrderedMetadata<AuthorizationPolicy>().SelectMany(p => p.Requirements).Select(r => r.ToString() ?? r.GetType().Name),
        ];
        var pattern = $"/{endpoint.RoutePattern.RawText?.Trim('/')}";
        foreach (var method in metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])
            yield return new(
                method, pattern, [.. policies.Distinct()], metadata.GetMetadata<IAllowAnonymous>() is not null,
                metadata.GetMetadata<StaticAssetDescriptor>() is not null);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(List<ListedRoute>))]
internal sealed partial class RouteListJson : JsonSerializerContext;
