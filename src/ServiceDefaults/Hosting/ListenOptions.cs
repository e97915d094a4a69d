using System.Net;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Where the service listens. Configuration section <c>Listen</c>.</summary>
internal sealed class ListenOptions
{
    /// <summary>An IP address, or <c>localhost</c> for both loopback addresses.</summary>
    /// <value>Default: 127.0.0.1.</value>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes any free one.</summary>
    /// <value>0 to 65535. Default: 0.</value>
    public int Port { get; set; }

    /// <summary>A port on 127.0.0.1 for <c>/metrics</c> alone; 0 takes any free one, and the discovery record tells it.</summary>
    /// <value>0 to 65535. Default: none, and <c>/metrics</c> is read at <see cref="Port"/>; for frontend, whose port is the public origin, 0.</value>
    public int? MetricsPort { get; set; }

    internal bool IsLocalhost => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    internal IPAddress Address => IsLocalhost ? IPAddress.Loopback : IPAddress.Parse(Host);
}

internal sealed class ListenOptionsValidator : IValidateOptions<ListenOptions>
{
    public ValidateOptionsResult Validate(string? name, ListenOptions options)
    {
        if (!options.IsLocalhost && !IPAddress.TryParse(options.Host, out _))
            return ValidateOptionsResult.Fail($"Listen:Host is '{options.Host}'; it must be an IP address or localhost.");
        if (options.Port is < 0 or > 65535) return ValidateOptionsResult.Fail($"Listen:Port is {options.Port}; it must lie between 0 and 65535.");
        return options.MetricsPort is < 0 or > 65535
            ? ValidateOptionsResult.Fail($"Listen:MetricsPort is {options.MetricsPort}; it must lie between 0 and 65535.")
            : ValidateOptionsResult.Success;
    }
}
