using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tokens;

/// <summary>Whom a token speaks of, as OpenIddict wants it told.</summary>
internal static class Principals
{
    public const string Session = "sid";

    public static ClaimsPrincipal Of(LiveSession live, IEnumerable<string> scopes)
    {
        var (session, user) = live;
        var identity = NewIdentity();
        identity.SetClaim("sub", user.Id.ToString())
            .SetClaim(Session, session.Id.ToString())
            .SetClaim("email", user.Email)
            .SetClaim("name", user.Name)
            .SetClaim("tier", user.Tier)
            .SetClaim("role", user.Role);
        return Complete(identity, scopes, TokenOptions.Audience);
    }

    public static ClaimsPrincipal OfService(string clientId, IEnumerable<string> scopes) =>
        Complete(NewIdentity().SetClaim("sub", clientId), scopes, TokenOptions.InternalAudience);

    private static ClaimsIdentity NewIdentity() => new(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, "name", "role");

    private static ClaimsPrincipal Complete(ClaimsIdentity identity, IEnumerable<string> scopes, string audience)
    {
        identity.SetScopes(scopes);
        identity.SetResources(audience);
        identity.SetDestinations(static claim => claim.Type switch
        {
            "sub" or Session or "email" or "name" => ["access_token", "id_token"],
            "tier" or "role" => ["access_token"],
            _ => [],
        });
        return new(identity);
    }
}
