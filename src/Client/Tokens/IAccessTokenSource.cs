namespace Throughline.Client.Tokens;

/// <summary>Where a client gets its access token: a saved login, the browser's session, an API key.</summary>
/// <remarks>Safe to call from several places at once; a renewal in progress is shared, not repeated.
/// A network failure surfaces as <see cref="HttpRequestException"/> and does not sign anybody out.</remarks>
public interface IAccessTokenSource
{
    /// <summary>A token that is good for some time yet, renewed first if it is about to expire.</summary>
    /// <returns><c>null</c>: signed out; only signing in again helps.</returns>
    ValueTask<string?> GetAsync(CancellationToken cancellationToken);

    /// <summary>A token other than <paramref name="refused"/>, which a service did not accept or is about to stop accepting.</summary>
    /// <returns><c>null</c>: there is no other; the sign-in has ended.</returns>
    ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken);
}
