using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Passkeys;

/// <summary>Passkeys (WebAuthn), by Identity's own handler: what is checked is its, when and how often is ours.</summary>
internal static class PasskeySetup
{
    /// <summary>Of a request, in bytes: an authenticator's answer has a few thousand.</summary>
    private const int MaxBodySize = 64 * 1024;

    public static IServiceCollection AddPasskeys(this IServiceCollection services)
    {
        services.AddOptions<PasskeyOptions>().BindConfiguration("Passkeys").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<PasskeyOptions>, PasskeyOptionsValidator>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<PublicPages>((options, pages) =>
        {
            options.ServerDomain = pages.Host;
            options.ValidateOrigin = async context =>
                !context.CrossOrigin && await pages.AreAtAsync(context.Origin, context.HttpContext.RequestAborted);
            // It replaces password and code, so it must know its holder, and be found without an e-mail.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            options.AttestationConveyancePreference = "none";
            options.AuthenticatorTimeout = PasskeyStates.Lifetime;
        });
        services.AddScoped<IPasskeyHandler<User>, PasskeyHandler<User>>();
        services.AddScoped<PasskeyStates>();
        services.AddScoped<PasskeyStore>();
        services.AddScoped<PasskeyLogin>();
        return services;
    }

    public static void MapPasskeys(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/auth/passkeys/login").WithMetadata(new RequestSizeLimitAttribute(MaxBodySize)).WithTags("Passkeys");
        open.MapPost("/options", PasskeyLoginEndpoints.ChallengeAsync).AllowAnonymous();
        open.MapPost("", PasskeyLoginEndpoints.LogInAsync).AllowAnonymous();

        var own = routes.MapGroup("/auth/passkeys").RequireLiveSession().WithMetadata(new RequestSizeLimitAttribute(MaxBodySize)).WithTags("Passkeys");
        own.MapPost("/options", PasskeyEndpoints.ChallengeAsync);
        own.MapPost("", PasskeyEndpoints.AddAsync);
        own.MapDelete("/{id}", PasskeyEndpoints.RemoveAsync);
    }
}
