using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

internal static class SigningKeySetup
{
    public static IServiceCollection AddSigningKeys(this IServiceCollection services)
    {
        services.AddOptions<SigningKeyOptions>().BindConfiguration("SigningKeys").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<SigningKeyOptions>, SigningKeyOptionsValidator>();
        services.AddSingleton<MasterKey>();
        services.AddSingleton<SigningKeyVault>();
        services.AddSingleton<SigningKeySchedule>();
        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton<SigningProver>();
        services.AddScoped<SigningKeyLife>();
        services.AddSingleton<IVerificationKeySource>(provider => provider.GetRequiredService<SigningKeyStore>());
        services.AddSingleton<ISigningKeyIds>(provider => provider.GetRequiredService<SigningKeyStore>());
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, MasterKeyProtection>();
        services.AddHostedService<SigningKeyRotation>(); // after the database's start, which loads the keys
        return services;
    }
}
