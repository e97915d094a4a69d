using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Throughline.ServiceDefaults;

/// <summary>What an API key may be good for. A sign-in's tokens are good for all that their user may do.</summary>
public static class ApiKeyScopes
{
    /// <summary>Everything under <c>/api</c>, and <c>/ws</c>.</summary>
    public const string Api = "api";

    /// <summary>Reading: safe methods under <c>/api</c>, and on a socket what changes nothing.</summary>
    public const string ApiRead = "api.read";

    /// <summary>The user's own account under <c>/auth</c>, as far as a key may touch it at all.</summary>
    public const string Account = "account";

    public static readonly IReadOnlyList<string> All = [Api, ApiRead, Account];

    /// <summary>
    /// Refuses with 403 what the caller's API key does not open. It stands before every endpoint of the service, so a route that nobody thought
    /// of is not open to keys by oversight. Call it after <c>UseAuthorization</c>.
    /// </summary>
    /// <param name="needed">The scopes of which one is enough for this request; none where no key may do it.</param>
    public static IApplicationBuilder UseApiKeyScopes(this IApplicationBuilder app, Func<HttpContext, IReadOnlyList<string>> needed) =>
        app.Use((context, next) =>
            context.Features.Get<AccessToken>() is not { IsApiKey: true } key
            || context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || needed(context).Any(key.HasScope)
                ? next(context)
                : RefuseAsync(context, needed(context)));

    private static Task RefuseAsync(HttpContext context, IReadOnlyList<string> scopes)
    {
        var names = string.Join(' ', scopes);
        // RFC 6750 §3.1
        context.Response.Headers.WWWAuthenticate = scopes.Count == 0
            ? "Bearer error=\"insufficient_scope\""
            : $"Bearer error=\"insufficient_scope\", scope=\"{names}\"";
        return Problems.Of(
            StatusCodes.Status403Forbidden, "insufficient_scope", "This API key may not do this.",
            scopes.Count == 0 ? "No API key may: sign in instead." : $"It takes a key with one of the scopes: {names}.").ExecuteAsync(context);
    }
}
