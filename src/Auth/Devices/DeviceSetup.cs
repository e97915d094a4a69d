using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Devices;

/// <summary>Devices without a browser of their own, such as the command line (RFC 8628): OpenIddict's endpoints, rows and rules of ours.</summary>
internal static class DeviceSetup
{
    public static IServiceCollection AddDevices(this IServiceCollection services)
    {
        services.AddOptions<DeviceOptions>().BindConfiguration("Devices").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<DeviceOptions>, DeviceOptionsValidator>();
        services.AddScoped<DeviceStore>();
        return services;
    }

    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/auth/device").RequireLiveSession().WithTags("Devices");
        group.MapPost("", DeviceEndpoints.ReadAsync);
        group.MapPost("/approve", DeviceEndpoints.ApproveAsync);
        group.MapPost("/deny", DeviceEndpoints.DenyAsync);
    }

    public static void AllowDevices(this OpenIddictServerBuilder server)
    {
        server.AllowDeviceAuthorizationFlow()
            .SetDeviceAuthorizationEndpointUris("connect/device")
            .SetEndUserVerificationEndpointUris("connect/device/verify") // required, and takes no code: people decide at /auth/device
            .SetUserCodeCharset([.. UserCode.Alphabet.Select(letter => letter.ToString())])
            .SetUserCodeLength(UserCode.Length)
            .SetUserCodeDisplayFormat(UserCode.DisplayFormat);
        server.AddEventHandler(LimitDevices.Descriptor);
        server.AddEventHandler(GenerateDeviceCodes.Descriptor);
        server.AddEventHandler(ReadDeviceCodes.Descriptor);
        server.AddEventHandler(TellDevicePage.Descriptor);
    }
}
