using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

internal static class SigningKeySetup
{
    public static IServiceCollection AddSigningKeys(this IServiceCollection services)
    {
        services.AddSingleton<MasterKey>();
        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton<IVerificationKeySource>(provider => provider.GetRequiredService<SigningKeyStore>());
        services.AddSingleton<ISigningKeyIds>(provider => provider.GetRequiredService<SigningKeyStore>());
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, MasterKeyProtection>();
        return services;
    }
}
