using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Throughline.Auth.Devices;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tokens;

/// <summary>
/// <c>POST /connect/token</c>, once OpenIddict has verified the client, the code with its PKCE verifier, the device code, or the refresh token.
/// </summary>
internal sealed class TokenEndpoint(SessionStore sessions, RefreshTokenStore refreshTokens, DeviceStore devices, TokenMetrics metrics)
{
    public static Task<IResult> ExchangeAsync(HttpContext context, TokenEndpoint endpoint, CancellationToken cancellationToken) =>
        endpoint.ExchangeAsync(context, cancellationToken);

    private async Task<IResult> ExchangeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = context.GetOpenIddictServerRequest()!;

        // The browser's tokens come through the frontend's mediation only: a page never holds a refresh token.
        if (request.ClientId == Clients.Web && !context.IsFromFrontend())
            return OAuthErrors.Of("unauthorized_client", "Tokens for this client are given to the public origin only: use /session there.");
        if (request.IsClientCredentialsGrantType())
        {
            metrics.Issued(request.GrantType!);
            return SignIn(Principals.OfService(request.ClientId!, request.GetScopes()));
        }

        var subject = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var live = Guid.TryParse(subject.Principal?.GetClaim(Principals.Session), out var sessionId)
            ? await sessions.FindLiveAsync(sessionId, cancellationToken)
            : null;
        if (live is null) return OAuthErrors.InvalidGrant("The sign-in is over. Sign in again.");

        if (request.IsDeviceCodeGrantType() && !await devices.TryRedeemAsync(request.DeviceCode!, cancellationToken))
            return OAuthErrors.InvalidGrant("The device code was used before.");

        var scopes = subject.Principal!.GetScopes();
        var refreshToken = request.IsRefreshTokenGrantType()
            ? await refreshTokens.RedeemAsync(request.RefreshToken!, live, Device.Of(context), cancellationToken)
            : scopes.Contains("offline_access")
                ? await refreshTokens.IssueAsync(live.Session, request.ClientId!, string.Join(' ', scopes), cancellationToken)
                : null;
        if (refreshToken is null && request.IsRefreshTokenGrantType())
            return OAuthErrors.InvalidGrant("The refresh token was used before. Sign in again.");

        context.Features.Set(new IssuedRefreshToken(refreshToken));
        metrics.Issued(request.GrantType!);
        return SignIn(Principals.Of(live, scopes));
    }

    private static SignInHttpResult SignIn(ClaimsPrincipal principal) =>
        TypedResults.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
}

/// <summary>The refresh token of this answer, for the handler that OpenIddict asks for one.</summary>
internal sealed record IssuedRefreshToken(string? Token);
