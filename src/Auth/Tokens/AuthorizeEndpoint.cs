using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tokens;

/// <summary>
/// <c>GET /connect/authorize</c>, once OpenIddict has found the request in order: with a live sign-in a code, without one the way to
/// the sign-in page. Our clients are our own, so nobody is asked to consent.
/// </summary>
internal static class AuthorizeEndpoint
{
    public static async Task<IResult> AuthorizeAsync(
        HttpContext context, SessionStore sessions, SignInPage page, CancellationToken cancellationToken)
    {
        var request = context.GetOpenIddictServerRequest()!;

        // The browser's sign-in runs on the frontend (see /session there): a page that has the cookie sent along gets nothing by it.
        if (request.ClientId == Clients.Web && !context.IsFromFrontend())
            return OAuthErrors.Of("unauthorized_client", "Codes for this client are given to the public origin only: use /session there.");

        var live = await SignInCookie.FindLiveAsync(context, sessions);
        if (live is not null)
            return TypedResults.SignIn(
                Principals.Of(live, request.GetScopes()), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        return request.HasPromptValue("none")
            ? OAuthErrors.Of("login_required", "Nobody is signed in.")
            : TypedResults.Redirect(await page.ForAsync(context.Request, cancellationToken));
    }
}

/// <summary>Where people sign in: a page of the public origin, which leads back by a local path.</summary>
internal sealed class SignInPage(PublicPages pages)
{
    public const string Path = "/sign-in";

    public ValueTask<string> ForAsync(HttpRequest request, CancellationToken cancellationToken) =>
        pages.AddressOfAsync($"{Path}?return={Uri.EscapeDataString(request.Path + request.QueryString)}", cancellationToken);
}
