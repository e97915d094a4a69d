namespace Throughline.Frontend.Tests.Proxy;

/// <summary>A frontend process before a scripted backend, with no auth running.</summary>
public sealed class PublicOriginFixture : IAsyncLifetime
{
    private readonly StateFolder _state = new();
    private RunningService? _frontend;

    internal Origin Backend { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Backend = await Origin.StartAsync();
        _frontend = await RunningService.StartAsync(
            "frontend", _state, new Dictionary<string, string> { ["Services__backend"] = Backend.Address }, CancellationToken.None);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _frontend.Address };
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_frontend is not null)
            await _frontend.DisposeAsync();
        await Backend.DisposeAsync();
        _state.Dispose();
    }
}
