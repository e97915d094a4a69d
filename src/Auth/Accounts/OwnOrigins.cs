using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

/// <summary>
/// A browser says which page sends a request (<c>Origin</c>); only our own pages may sign somebody in, and they add
/// <c>X-Throughline: 1</c>, which a form of another site cannot. Programs send no Origin and need neither.
/// </summary>
internal sealed class OwnOrigins(IOptions<TokenOptions> tokens, IServiceDirectory directory)
{
    private const string Header = "X-Throughline";

    public async ValueTask<bool> AllowAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0) return request.Headers["Sec-Fetch-Site"].ToString() is "" or "none" or "same-origin";
        if (origin.Count != 1 || request.Headers[Header] != "1" || !Uri.TryCreate(origin[0], UriKind.Absolute, out var page)) return false;
        if (IsSame(page, new Uri(tokens.Value.Issuer)) || IsSame(page, new Uri($"{request.Scheme}://{request.Host}"))) return true;

        // The public origin's port may have moved since the issuer was fixed.
        return await directory.FindAsync("frontend", cancellationToken) is { } frontend
            && Uri.TryCreate(frontend.ApiUrl, UriKind.Absolute, out var moved)
            && page.Scheme == moved.Scheme && page.Port == moved.Port && page.IsLoopback && moved.IsLoopback;
    }

    private static bool IsSame(Uri left, Uri right) =>
        Uri.Compare(left, right, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
