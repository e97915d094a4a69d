namespace Throughline.Auth.ApiKeys;

/// <summary>
/// Which API keys a route of auth is open to. By default none: whoever holds a key must not be able to make more of them, to take the
/// account over, or to end it. A route says so where it is open.
/// </summary>
internal sealed record ApiKeyAccess(IReadOnlyList<string> Scopes)
{
    private static readonly ApiKeyAccess None = new([]);

    public static IReadOnlyList<string> Of(HttpContext context) =>
        (context.GetEndpoint()?.Metadata.GetMetadata<ApiKeyAccess>() ?? None).Scopes;
}

internal static class ApiKeyRoutes
{
    /// <summary>Opens the route to API keys that have one of the scopes.</summary>
    public static TBuilder OpenToApiKeys<TBuilder>(this TBuilder route, params string[] scopes) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ApiKeyAccess(scopes));
}
