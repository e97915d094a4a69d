using Microsoft.AspNetCore.Http.Features;
using Throughline.Auth.ApiKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Sessions;

/// <summary>
/// Auth has the truth at hand, so its own routes ask it: a session revoked a moment ago is refused here at once, on every node.
/// The caller's session is then a feature of the request.
/// </summary>
internal sealed class LiveSessionFilter(SessionStore sessions, ApiKeyStore apiKeys) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var token = http.AccessToken();
        var live = token.IsApiKey
            ? await apiKeys.FindLiveAsync(token.SessionId, http.RequestAborted)
            : await sessions.FindLiveAsync(token.SessionId, http.RequestAborted);
        if (live is null || live.User.Id != token.UserId)
        {
            http.Response.Headers.WWWAuthenticate = $"Bearer error=\"invalid_token\", error_description=\"{Refusals.Revoked}\"";
            return Problems.Of(StatusCodes.Status401Unauthorized, "invalid_token", "The access token is not accepted.");
        }
        http.Features.Set(live);
        return await next(context);
    }
}

internal static class LiveSessionRoutes
{
    /// <summary>Requires a user's token whose session is live at this moment.</summary>
    public static RouteGroupBuilder RequireLiveSession(this RouteGroupBuilder group) =>
        group.RequireAuthorization().AddEndpointFilter<RouteGroupBuilder, LiveSessionFilter>();

    /// <summary>The caller's session, on routes that <see cref="RequireLiveSession"/>.</summary>
    public static LiveSession LiveSession(this HttpContext context) => context.Features.GetRequiredFeature<LiveSession>();
}

/// <summary>Auth's verifier asks nobody: <see cref="LiveSessionFilter"/> looks into the database instead.</summary>
internal sealed class NoRevocations : IRevocations
{
    public bool IsRevoked(AccessToken token) => false;
}
