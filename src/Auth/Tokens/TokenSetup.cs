using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using Throughline.Auth.ApiKeys;
using Throughline.Auth.Database;
using Throughline.Auth.Devices;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Throughline.Auth.Tokens;

/// <summary>The OAuth and OpenID Connect endpoints: OpenIddict checks clients, codes and PKCE; tokens are ours.</summary>
internal static class TokenSetup
{
    public static IServiceCollection AddTokens(this IServiceCollection services)
    {
        services.AddOptions<TokenLifetimes>().BindConfiguration("Tokens").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<TokenLifetimes>, TokenLifetimesValidator>();
        services.AddAccessTokenVerification();
        new AuthenticationBuilder(services).AddSignInCookie();
        services.AddScoped<RefreshTokenStore>();
        services.AddSingleton<TokenMetrics>();
        services.AddScoped<TokenEndpoint>();
        services.AddScoped<ClientRegistrar>();
        services.AddSingleton<AccessTokenWriter>();
        services.AddSingleton<SignInPage>();
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AuthDb>())
            .AddServer(Configure);
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>, TokenKeys>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>, TokenKeys>();
        return services;
    }

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        // OpenIddict has let the request pass before these are reached: each answers for itself who may call it.
        var connect = routes.MapGroup("/connect").WithTags("Tokens");
        connect.MapMethods("/authorize", ["GET", "POST"], AuthorizeEndpoint.AuthorizeAsync).AllowAnonymous();
        connect.MapPost("/token", TokenEndpoint.ExchangeAsync).AllowAnonymous();

        var userInfo = routes.MapGroup("/connect/userinfo").RequireLiveSession().WithTags("Tokens");
        userInfo.MapMethods("", ["GET", "POST"], UserInfoEndpoint.Read).OpenToApiKeys(ApiKeyScopes.Account);

        routes.MapGet("/.well-known/jwks", (SigningKeyStore keys) => TypedResults.Bytes(keys.KeySetJson, "application/jwk-set+json"))
            .AllowAnonymous().WithTags("Tokens");
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris("connect/authorize")
            .SetTokenEndpointUris("connect/token")
            .SetRevocationEndpointUris("connect/revoke")
            .SetIntrospectionEndpointUris("connect/introspect")
            .SetJsonWebKeySetEndpointUris(Array.Empty<Uri>()); // served below
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
        server.AllowDevices();
        server.Configure(options =>
        {
            options.CodeChallengeMethods.Clear();
            options.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);
            options.ResponseModes.Remove(ResponseModes.FormPost);
        });
        server.RegisterScopes("api", Scopes.Email, Scopes.Profile);
        server.DisableAccessTokenEncryption();
        server.DisableAuthorizationStorage(); // a session is what a sign-in authorizes
        server.AddEventHandler(GenerateTokens.Descriptor);
        server.AddEventHandler(ValidateTokens.Descriptor);
        server.AddEventHandler(RevokeTokens.Descriptor);
        server.AddEventHandler(CompleteConfiguration.Descriptor);
        server.AddEventHandler(NameIssuer.Descriptor);
        server.AddEventHandler(NameIntrospectedIssuer.Descriptor);
        // Only our own services may introspect at all, and they may ask about every token.
        server.RemoveEventHandler(OpenIddictServerHandlers.Introspection.ValidateAuthorizedParty.Descriptor);
        server.UseAspNetCore()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough()
            .EnableEndUserVerificationEndpointPassthrough()
            .DisableTransportSecurityRequirement(); // plain HTTP is for loopback only, and the frontend's certificate for all else
    }
}
