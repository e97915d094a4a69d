using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Who may read <c>/metrics</c>: whoever is on this machine and asks the service itself; with a token, whoever brings it, from
/// wherever. For all others there is no such address.</summary>
internal sealed class MetricsReaders(IBoundAddress address, IOptions<MetricsOptions> options)
{
    private const string Bearer = "Bearer ";

    // What a proxy adds. Behind one, everybody seems to be on this machine.
    private static readonly string[] SignsOfAProxy = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    /// <summary>Whether the request is for the metrics, and is none that may have them.</summary>
    public bool Turns(HttpContext context) => context.Request.Path.StartsWithSegments(MetricsRoute.Path, StringComparison.OrdinalIgnoreCase) && !Allows(context);

    private bool Allows(HttpContext context) =>
        context.Connection.LocalPort == address.Metrics.Port
        && (options.Value.Token is { } token ? Brings(context.Request, token) : IsHere(context));

    private static bool Brings(HttpRequest request, string token) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Bearer.Length..]), Encoding.UTF8.GetBytes(token));

    private static bool IsHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
        && !SignsOfAProxy.Any(context.Request.Headers.ContainsKey)
        // A foreign page can make its own name mean this machine (DNS rebinding), not these.
        && IsLoopbackName(context.Request.Host.Host);

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <summary>Who may read the metrics. Configuration section <c>Metrics</c>.</summary>
internal sealed class MetricsOptions
{
    /// <summary>A secret that readers bring as <c>Authorization: Bearer …</c>; then they may ask from other machines, and must bring it on this one too.</summary>
    /// <value>32 characters or more. Default: none, and callers on this machine need none.</value>
    public string? Token { get; set; }
}

internal sealed class MetricsOptionsValidator : IValidateOptions<MetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, MetricsOptions options) =>
        options.Token is { Length: < 32 } ? ValidateOptionsResult.Fail("Metrics:Token is shorter than 32 characters: make a longer one, such as `openssl rand -hex 32` prints.") : ValidateOptionsResult.Success;
}
