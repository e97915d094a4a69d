using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>Exchanges an API key for an access token of the ordinary kind: auth by its database, every other service by asking auth.</summary>
public interface IApiKeyIssuer
{
    /// <returns>The token, or one of <see cref="Refusals"/>; <see cref="Refusals.Unavailable"/> where nobody can tell just now.</returns>
    Task<ExchangedApiKey> ExchangeAsync(string key, CancellationToken cancellationToken);
}
