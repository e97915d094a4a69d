using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway.Rfc6455;

/// <summary>One user for tests that are about bytes and not about users.</summary>
public sealed class OneUser(BackendStack platform) : IAsyncLifetime
{
    public TestUser User { get; private set; } = null!;

    public async ValueTask InitializeAsync() => User = await platform.SignUpAsync("wire", TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => User.DisposeAsync();
}
