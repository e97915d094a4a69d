namespace Throughline.Client.Tokens;

/// <summary>A token that is never renewed: an API key (<c>tl_…</c>), or an access token made elsewhere.</summary>
public sealed class FixedToken(string token) : IAccessTokenSource
{
    /// <inheritdoc/>
    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new(token);

    /// <inheritdoc/>
    public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new((string?)null);
}
