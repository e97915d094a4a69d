using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Server.AspNetCore;

namespace Throughline.Auth.Tokens;

/// <summary>Errors in OAuth's own shape, RFC 6749 §5.2.</summary>
internal static class OAuthErrors
{
    public static ForbidHttpResult InvalidGrant(string description) => Of("invalid_grant", description);

    public static ForbidHttpResult Of(string error, string description) => TypedResults.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
