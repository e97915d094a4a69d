using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

/// <summary>Addresses of pages that people open: on the issuer's host, at the port where the frontend listens now.</summary>
internal sealed class PublicPages(IOptions<TokenOptions> options, IServiceDirectory directory)
{
    /// <param name="path">With its query or fragment, if it has one.</param>
    public async ValueTask<string> AddressOfAsync(string path, CancellationToken cancellationToken)
    {
        // The public origin's port may have moved since the issuer was fixed; its host has not.
        var origin = new UriBuilder(options.Value.Issuer);
        if (origin.Uri.IsLoopback && await directory.FindAsync("frontend", cancellationToken) is { } frontend) origin.Port = frontend.Port;
        return new Uri(origin.Uri, path).AbsoluteUri;
    }
}
