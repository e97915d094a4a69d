using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Which pages may open a socket: those of the public origin, the frontend's where it listens, on loopback under both its names, those that are where the request went on this machine, and those configured.</summary>
internal sealed class OwnOrigins(IServiceDirectory directory, IOptions<GatewayOptions> options, IOptions<TokenOptions> tokens, IConfiguration configuration)
{
    private readonly HashSet<string> _configured = new(
        options.Value.Origins.Concat(configuration.GetSection("Cors:Origins").Get<string[]>() ?? []).Select(origin => origin.TrimEnd('/'))
            .Append(TokenOptions.OriginElsewhere(tokens.Value.Issuer)).OfType<string>(),
        StringComparer.OrdinalIgnoreCase);

    public async ValueTask<bool> AllowsAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var origin = request.Headers.Origin.ToString();
        if (_configured.Contains(origin) || IsSameHere(origin, request)) return true;
        foreach (var frontend in await directory.FindAllAsync("frontend", cancellationToken))
        {
            var own = new Uri(frontend.ApiUrl);
            if (IsSame(origin, own.GetLeftPart(UriPartial.Authority))) return true;
            if (own.IsLoopback && (IsSame(origin, $"{own.Scheme}://localhost:{own.Port}") || IsSame(origin, $"{own.Scheme}://127.0.0.1:{own.Port}"))) return true;
        }

        return false;
    }

    /// <summary>The page and the socket are at one address of this machine, be it the near end of a tunnel. A foreign name that resolves to this machine is no such address.</summary>
    private static bool IsSameHere(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.IsLoopback && IsSame(origin, $"{request.Scheme}://{request.Host}");

    private static bool IsSame(string origin, string own) => string.Equals(origin, own, StringComparison.OrdinalIgnoreCase);
}
