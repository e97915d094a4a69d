using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Names for routes to ask for.</summary>
public static class TokenPolicies
{
    /// <summary>The scheme for users, the default one.</summary>
    public const string Bearer = "Bearer";

    /// <summary>The scheme and the policy for <c>/internal</c> routes: one of our own services, by client credentials.</summary>
    public const string Service = "Service";

    /// <summary>The policy for what only the operator of this installation may do: whoever can read the state folder's secrets.</summary>
    public const string Operator = "Operator";

    /// <summary>The client whose secret is <c>secrets/client-operator</c>; the launcher speaks as this one.</summary>
    public const string OperatorClient = "throughline-operator";

    /// <summary>The <c>client_id</c> of tokens that API keys are exchanged for. No client of that name is registered.</summary>
    public const string ApiKeyClient = "throughline-api-key";
}

public static class TokenExtensions
{
    /// <summary>
    /// Adds <see cref="AccessTokenVerifier"/>, the scheme <c>Bearer</c> as the default, and the policies of <see cref="TokenPolicies"/>.
    /// The service registers its own <see cref="IRevocations"/>; auth also its own <see cref="IVerificationKeySource"/>, before this call.
    /// </summary>
    public static IServiceCollection AddAccessTokenVerification(this IServiceCollection services)
    {
        services.AddOptions<TokenOptions>().BindConfiguration("Auth").Configure<IConfiguration>((options, all) => options.Read(all)).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<TokenOptions>, TokenOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AccessTokenVerifier>();
        services.AddPublishedKeys();
        // A bad token is the caller's affair; the framework would log two lines for each.
        services.AddLogging(logging => logging.AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning));
        services.AddAuthentication(TokenPolicies.Bearer)
            .AddScheme<BearerOptions, BearerHandler>(TokenPolicies.Bearer, null)
            .AddScheme<BearerOptions, BearerHandler>(TokenPolicies.Service, o => o.ForServices = true);
        services.AddAuthorizationBuilder()
            .AddPolicy(TokenPolicies.Service, policy => policy.AddAuthenticationSchemes(TokenPolicies.Service).RequireAuthenticatedUser())
            .AddPolicy(TokenPolicies.Operator, policy => policy.AddAuthenticationSchemes(TokenPolicies.Service)
                .RequireClaim("client_id", TokenPolicies.OperatorClient));
        return services;
    }

    /// <summary>Takes API keys wherever a user's token is taken.</summary>
    public static IServiceCollection AddApiKeyVerification<TIssuer>(this IServiceCollection services) where TIssuer : class, IApiKeyIssuer =>
        services.AddSingleton<IApiKeyIssuer, TIssuer>().AddSingleton<ApiKeyExchange>();

    /// <summary>The verified token of this request's caller; only where the route requires one.</summary>
    /// <exception cref="InvalidOperationException">The route lets anonymous callers in.</exception>
    public static AccessToken AccessToken(this HttpContext context) =>
        context.Features.Get<AccessToken>() ?? throw new InvalidOperationException("The route does not require a token.");

    /// <summary>What every verifier but auth itself needs: auth's keys over HTTP, and the certainty that they are the right ones.</summary>
    private static void AddPublishedKeys(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(IVerificationKeySource))) return;
        services.AddHttpClient(PublishedKeySource.HttpClientName, client =>
        {
            client.Timeout = TimeSpan.FromSeconds(2);
            client.MaxResponseContentBufferSize = 256 * 1024;
        }).AddServiceAddressing();
        services.AddSingleton<PublishedKeySource>();
        services.AddSingleton<IVerificationKeySource>(provider => provider.GetRequiredService<PublishedKeySource>());
        services.TryAddSingleton<ISigningKeyIds>(provider => provider.GetRequiredService<PublishedKeySource>());
        services.AddHostedService(provider => provider.GetRequiredService<PublishedKeySource>());
        services.AddHttpClient(AuthWitness.HttpClientName, client => client.Timeout = TimeSpan.FromSeconds(2)).AddServiceAddressing();
        services.AddSingleton<AuthWitness>();
        services.AddSingleton<SigningCheck>();
        services.AddSingleton<SigningHandshake>();
        services.AddSingleton<IDependencyProbe>(provider => provider.GetRequiredService<SigningHandshake>());
        services.AddHostedService(provider => provider.GetRequiredService<SigningHandshake>());
    }
}
