using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

/// <summary>Addresses of pages that people open: on the issuer's host, at the port where the frontend listens now.</summary>
internal sealed class PublicPages(IOptions<TokenOptions> options, IServiceDirectory directory)
{
    /// <summary>The public origin's name. It never changes: passkeys are made for it.</summary>
    public string Host { get; } = new Uri(options.Value.Issuer).Host;

    /// <summary>Whether this is the public origin, and no other port or scheme of the same host.</summary>
    public async ValueTask<bool> AreAtAsync(string origin, CancellationToken cancellationToken) =>
        origin == new Uri(options.Value.Issuer).GetLeftPart(UriPartial.Authority)
        || origin == new Uri(await AddressOfAsync("/", cancellationToken)).GetLeftPart(UriPartial.Authority);

    /// <param name="path">With its query or fragment, if it has one.</param>
    public async ValueTask<string> AddressOfAsync(string path, CancellationToken cancellationToken)
    {
        // The public origin's port may have moved since the issuer was fixed; its host has not.
        var origin = new UriBuilder(options.Value.Issuer);
        if (origin.Uri.IsLoopback && await directory.FindAsync("frontend", cancellationToken) is { } frontend) origin.Port = frontend.Port;
        return new Uri(origin.Uri, path).AbsoluteUri;
    }
}
