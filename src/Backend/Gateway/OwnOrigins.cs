using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Which pages may open a socket: those of the public origin, the frontend's where it listens, on loopback under both its names, and those configured.</summary>
internal sealed class OwnOrigins(IServiceDirectory directory, IOptions<GatewayOptions> options, IOptions<TokenOptions> tokens, IConfiguration configuration)
{
    private readonly HashSet<string> _configured = new(
        options.Value.Origins.Concat(configuration.GetSection("Cors:Origins").Get<string[]>() ?? []).Select(origin => origin.TrimEnd('/'))
            .Append(TokenOptions.OriginElsewhere(tokens.Value.Issuer)).OfType<string>(),
        StringComparer.OrdinalIgnoreCase);

    public async ValueTask<bool> AllowsAsync(string origin, CancellationToken cancellationToken)
    {
        if (_configured.Contains(origin)) return true;
        foreach (var frontend in await directory.FindAllAsync("frontend", cancellationToken))
        {
            var own = new Uri(frontend.ApiUrl);
            if (IsSame(origin, own.GetLeftPart(UriPartial.Authority))) return true;
            if (own.IsLoopback && (IsSame(origin, $"{own.Scheme}://localhost:{own.Port}") || IsSame(origin, $"{own.Scheme}://127.0.0.1:{own.Port}"))) return true;
        }

        return false;
    }

    private static bool IsSame(string origin, string own) => string.Equals(origin, own, StringComparison.OrdinalIgnoreCase);
}
