using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts.Emails;
using Throughline.Auth.Accounts.Passwords;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.ApiKeys;
using Throughline.Auth.Breakers;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

internal static class AccountEndpoints
{
    /// <summary>Callers that this node itself keeps count of, for each policy; newcomers beyond share a few counts.</summary>
    private const int MostCallersKept = 20_000;

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration("Accounts").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<AccountOptions>, AccountOptionsValidator>();
        services.AddSingleton<Argon2Hasher>();
        services.AddSingleton<IPasswordHasher<User>>(provider => provider.GetRequiredService<Argon2Hasher>());
        services.AddSingleton<PasswordWork>();
        services.AddSingleton<AttemptLimits>();
        services.AddSingleton<LoginMeters>();
        services.AddSingleton<CodeLimits>();
        services.AddScoped<FailedLogins>();
        services.AddSingleton<AuthBreakers>();
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton(provider => new Limiter(
            provider.GetRequiredService<KeyValueStore>(), provider.GetRequiredService<AuthBreakers>().Store,
            new LocalLimiter(provider.GetRequiredService<TimeProvider>(), MostCallersKept), provider.GetRequiredService<LimitMetrics>()));
        services.AddScoped<LoginLimit>();
        services.AddSingleton<PublicPages>();
        services.AddSingleton<ForgottenPasswords>();
        services.AddHostedService(provider => provider.GetRequiredService<ForgottenPasswords>());
        services.AddScoped<PasswordStore>();
        services.AddScoped<EmailStore>();
        services.AddSingleton<OwnOrigins>();
        services.AddScoped<AccountStore>();
        services.AddIdentityCore<User>(options =>
            {
                options.User.RequireUniqueEmail = true;
                options.User.AllowedUserNameCharacters = ""; // the user name is the e-mail, which has its own rules
                AuthDb.ConfigureStores(options);
            })
            .AddEntityFrameworkStores<AuthDb>();
        return services;
    }

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/auth").WithTags("Accounts");
        open.MapPost("/signup", SignUpEndpoint.SignUpAsync).AllowAnonymous();
        open.MapPost("/login", LoginEndpoint.LogInAsync).AllowAnonymous();
        open.MapGet("/options", SignInOptionsEndpoint.Read).AllowAnonymous();
        routes.MapPasswords();
        routes.MapEmails();

        var own = routes.MapGroup("/auth/me").RequireLiveSession().WithTags("Accounts");
        own.MapGet("", ProfileEndpoints.Read).OpenToApiKeys([.. ApiKeyScopes.All]);
        own.MapPatch("", ProfileEndpoints.ChangeAsync).OpenToApiKeys(ApiKeyScopes.Account);
        own.MapDelete("", ProfileEndpoints.DeleteAsync);
    }
}
