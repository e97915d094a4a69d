using Throughline.Client.Tokens;

namespace Throughline.Backend.Tests;

/// <summary>One access token, for tests that are over before it is.</summary>
internal sealed class FixedToken(string token) : IAccessTokenSource
{
    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new(token);

    public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new(token);
}
