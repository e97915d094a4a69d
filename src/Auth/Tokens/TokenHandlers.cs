using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Throughline.Auth.Tokens;

/// <summary>Where OpenIddict makes a token: access tokens are written by us, refresh tokens were by the endpoint; codes are its own.</summary>
internal sealed class GenerateTokens(AccessTokenWriter accessTokens, IOptions<TokenOptions> options) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<GenerateTokenContext>().UseScopedHandler<GenerateTokens>().SetOrder(int.MinValue + 1000).Build();

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        switch (context.TokenType)
        {
            case OpenIddictConstants.TokenTypeIdentifiers.AccessToken:
                Set(context, accessTokens.Write(context.Principal, context.ClientId!));
                break;
            case OpenIddictConstants.TokenTypeIdentifiers.RefreshToken:
                var http = context.Transaction.GetHttpRequest()!.HttpContext;
                Set(context, http.Features.GetRequiredFeature<IssuedRefreshToken>().Token!);
                break;
            case OpenIddictConstants.TokenTypeIdentifiers.IdentityToken:
                context.Principal.SetClaim(OpenIddictConstants.Claims.Private.Issuer, options.Value.Issuer);
                break;
        }
        return default;
    }

    private static void Set(GenerateTokenContext context, string token)
    {
        context.Token = token;
        (context.CreateTokenEntry, context.PersistTokenPayload, context.IsReferenceToken) = (false, false, false);
    }
}

/// <summary>Where OpenIddict reads a token: refresh tokens from our table, access tokens through the one verifier.</summary>
internal sealed class ValidateTokens(
    RefreshTokenStore refreshTokens, SessionStore sessions, AccessTokenVerifier verifier) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ValidateTokenContext>().UseScopedHandler<ValidateTokens>().SetOrder(int.MinValue + 1000).Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        var stop = context.Transaction.GetHttpRequest()!.HttpContext.RequestAborted;
        if (context.Token.StartsWith(RefreshTokenStore.Prefix, StringComparison.Ordinal)) await ReadRefreshTokenAsync(context, stop);
        else if (context.ValidTokenTypes.Count == 0 || context.ValidTokenTypes.Contains(OpenIddictConstants.TokenTypeIdentifiers.AccessToken))
            await ReadAccessTokenAsync(context, stop);
        else if (context.ValidTokenTypes.Contains(OpenIddictConstants.TokenTypeIdentifiers.RefreshToken))
            Reject(context); // no other string is a refresh token
    }

    private async Task ReadRefreshTokenAsync(ValidateTokenContext context, CancellationToken stop)
    {
        var row = await refreshTokens.FindAsync(context.Token, stop);
        var isForExchange = context.EndpointType == OpenIddictServerEndpointType.Token;
        // A redeemed one goes on to the token endpoint, which tells a repeat from a reuse; elsewhere it is simply over.
        if (row is null || (!isForExchange && row.RedeemedAt is not null)
            || await sessions.FindLiveAsync(row.SessionId, stop) is not { } live)
        {
            Reject(context);
            return;
        }
        var principal = Principals.Of(live, row.Scope.Split(' '));
        principal.SetTokenType(OpenIddictConstants.TokenTypeIdentifiers.RefreshToken)
            .SetPresenters(row.ClientId).SetExpirationDate(row.ExpiresAt);
        context.Principal = principal;
    }

    private async Task ReadAccessTokenAsync(ValidateTokenContext context, CancellationToken stop)
    {
        var verdict = await verifier.VerifyAsync(context.Token, stop);
        if (verdict.Token is not { } token)
        {
            // Codes, which introspection and revocation may be given as well, are left to OpenIddict.
            if (context.Token.Count(c => c == '.') == 2) Reject(context);
            return;
        }
        if (await sessions.FindLiveAsync(token.SessionId, stop) is not { } live)
        {
            Reject(context);
            return;
        }
        var principal = Principals.Of(live, token.Scope.Split(' '));
        principal.SetTokenType(OpenIddictConstants.TokenTypeIdentifiers.AccessToken).SetPresenters(token.ClientId)
            .SetCreationDate(token.IssuedAt).SetExpirationDate(token.ExpiresAt).SetClaim("jti", token.TokenId);
        context.Principal = principal;
    }

    private static void Reject(ValidateTokenContext context) =>
        context.Reject(OpenIddictConstants.Errors.InvalidToken, "The token is not valid, or no longer.");
}

/// <summary>A token given back ends the sign-in that it belongs to: all of its tokens, at once and everywhere (RFC 7009 §2.1).</summary>
internal sealed class RevokeTokens(SessionStore sessions) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<HandleRevocationRequestContext>().UseScopedHandler<RevokeTokens>()
        // After the token has been read into GenericTokenPrincipal, before it is revoked by itself alone.
        .SetOrder(OpenIddictServerHandlers.Revocation.AttachPrincipal.Descriptor.Order + 500).Build();

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (!Guid.TryParse(context.GenericTokenPrincipal.GetClaim(Principals.Session), out var sessionId)
            || !Guid.TryParse(context.GenericTokenPrincipal.GetClaim("sub"), out var userId)) return;
        await sessions.LogOutAsync(userId, sessionId, context.Transaction.GetHttpRequest()!.HttpContext.RequestAborted);
        context.HandleRequest();
    }
}

/// <summary>The code's sender, as tokens and the discovery document name it: clients compare the two strings (RFC 9207).</summary>
internal sealed class NameIssuer(IOptions<TokenOptions> options) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ApplyAuthorizationResponseContext>().UseSingletonHandler<NameIssuer>()
        .SetOrder(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 500).Build();

    public ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (context.Response["iss"] is not null) context.Response["iss"] = options.Value.Issuer;
        return default;
    }
}

/// <summary>The same for what introspection says of a token.</summary>
internal sealed class NameIntrospectedIssuer(IOptions<TokenOptions> options) : IOpenIddictServerHandler<ApplyIntrospectionResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ApplyIntrospectionResponseContext>().UseSingletonHandler<NameIntrospectedIssuer>().SetOrder(int.MinValue + 1000).Build();

    public ValueTask HandleAsync(ApplyIntrospectionResponseContext context)
    {
        if (context.Response["iss"] is not null) context.Response["iss"] = options.Value.Issuer;
        return default;
    }
}

/// <summary>The discovery document names the issuer as tokens do, and what we serve beside OpenIddict.</summary>
internal sealed class CompleteConfiguration(IOptions<TokenOptions> options) : IOpenIddictServerHandler<ApplyConfigurationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ApplyConfigurationResponseContext>().UseSingletonHandler<CompleteConfiguration>().SetOrder(int.MinValue + 1000).Build();

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context)
    {
        var issuer = options.Value.Issuer;
        context.Response["issuer"] = issuer;
        context.Response["jwks_uri"] = $"{issuer.TrimEnd('/')}/.well-known/jwks";
        context.Response["userinfo_endpoint"] = $"{issuer.TrimEnd('/')}/connect/userinfo";
        return default;
    }
}
