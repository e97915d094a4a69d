using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Devices;

/// <summary>Signing in a device without a browser of its own (RFC 8628). Configuration section <c>Devices</c>.</summary>
internal sealed class DeviceOptions
{
    /// <summary>How long a device's codes last.</summary>
    /// <value>1 second to 30 minutes. Default: 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00", ErrorMessage = "Devices:CodeLifetime must be 1 second to 30 minutes.")]
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a device waits between two questions whether it is approved; whole seconds.</summary>
    /// <value>1 second to 1 minute. Default: 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "Devices:Interval must be 1 second to 1 minute.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Devices that may ask from one address in any minute.</summary>
    /// <value>1 to 1,000,000. Default: 30.</value>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 30;
}

[OptionsValidator]
internal sealed partial class DeviceOptionsValidator : IValidateOptions<DeviceOptions>;
