using Throughline.Client.Tokens;

namespace Throughline.Client.Tests.Connection;

/// <summary>Hands out <c>token-1</c>, and after each renewal the next, up to a last one.</summary>
internal sealed class TestTokens(int last) : IAccessTokenSource
{
    private int _current = 1;

    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new($"token-{_current}");

    public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) =>
        new(refused != $"token-{_current}" || ++_current <= last ? $"token-{_current}" : null);
}
