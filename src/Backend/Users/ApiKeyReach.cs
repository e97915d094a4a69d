using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Which of a key's scopes opens a request to this service: reading takes less than changing.</summary>
internal static class ApiKeyReach
{
    private static readonly IReadOnlyList<string> Reading = [ApiKeyScopes.Api, ApiKeyScopes.ApiRead];
    private static readonly IReadOnlyList<string> Changing = [ApiKeyScopes.Api];

    public static IReadOnlyList<string> Of(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? Reading : Changing;
}
