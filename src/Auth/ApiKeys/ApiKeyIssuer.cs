using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Throughline.Auth.Tokens;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.ApiKeys;

/// <summary>Exchanges keys: a token as a sign-in gets one, with the key's scope, and no longer than the key lasts.</summary>
internal sealed class ApiKeyIssuer(
    IServiceScopeFactory scopes, AccessTokenWriter tokens, IOptions<TokenLifetimes> lifetimes, TimeProvider time) : IApiKeyIssuer
{
    public async Task<ExchangedApiKey> ExchangeAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.IsWellFormed(key)) return new(Refusal: Refusals.Malformed);
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<ApiKeyStore>();
        if (await store.FindAsync(ApiKeyText.HashOf(key), cancellationToken) is not var (row, user)) return new(Refusal: Refusals.UnknownKey);

        var now = time.GetUtcNow();
        if (row.RevokedAt is not null || user.IsDisabled) return new(Refusal: Refusals.Revoked);
        if (row.ExpiresAt <= now) return new(Refusal: Refusals.Expired);

        await store.TouchAsync(row, cancellationToken);
        var end = now + lifetimes.Value.AccessLifetime;
        if (row.ExpiresAt < end) end = row.ExpiresAt.Value;
        var principal = Principals.Of(ApiKeyStore.LiveSessionOf(row, user), row.Scopes).SetAudiences(TokenOptions.Audience);
        return new(tokens.Write(principal, TokenPolicies.ApiKeyClient, end), (int)(end - now).TotalSeconds);
    }
}
