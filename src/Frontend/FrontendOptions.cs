using System.Net;
using Microsoft.Extensions.Options;

namespace Throughline.Frontend;

/// <summary>How people reach the public origin. Configuration section <c>Frontend</c>.</summary>
internal sealed class FrontendOptions
{
    /// <summary>Origins, besides loopback and the public one, under which this service is reached, e.g. <c>https://spend.example.com</c>.</summary>
    /// <value>Scheme, host and port each. Default: none.</value>
    public IList<string> Origins { get; } = [];

    /// <summary>Addresses of reverse proxies in front, which tell by <c>X-Forwarded-For</c> who asks, e.g. <c>127.0.0.1</c>.</summary>
    /// <value>Default: none; then whoever asks through one counts as it.</value>
    public IList<string> ReverseProxies { get; } = [];

    /// <summary>PKCS#12 file with certificate and private key; without one this service speaks plain HTTP, on loopback only.</summary>
    public string? Certificate { get; set; }

    /// <summary>Password of <see cref="Certificate"/>, where it has one.</summary>
    public string? CertificatePassword { get; set; }
}

internal sealed class FrontendOptionsValidator : IValidateOptions<FrontendOptions>
{
    public ValidateOptionsResult Validate(string? name, FrontendOptions options)
    {
        foreach (var origin in options.Origins)
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.GetLeftPart(UriPartial.Authority) != origin)
                return ValidateOptionsResult.Fail($"Frontend:Origins holds '{origin}'; an origin is scheme, host and port, such as https://spend.example.com.");
        foreach (var proxy in options.ReverseProxies)
            if (!IPAddress.TryParse(proxy, out _))
                return ValidateOptionsResult.Fail($"Frontend:ReverseProxies holds '{proxy}'; write the address that the proxy comes from, such as 127.0.0.1.");
        return options.Certificate is { } path && !File.Exists(path)
            ? ValidateOptionsResult.Fail($"Frontend:Certificate is '{path}'; there is no such file.")
            : ValidateOptionsResult.Success;
    }
}
