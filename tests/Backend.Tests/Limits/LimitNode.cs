using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Limits;

/// <summary>A node's limiter in this process, on a real store: its own connection, its own counts.</summary>
internal sealed class LimitNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <param name="state">Where the store is found, and its password.</param>
    /// <param name="address">Of a Redis without a password, in the place of the state's own store.</param>
    public LimitNode(TestState state, string? address = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["State:Directory"] = state.Root;
        if (address is not null) (builder.Configuration["Store:Address"], builder.Configuration["Store:Secret"]) = (address, "none");
        builder.AddServiceDefaults("backend");
        builder.Logging.ClearProviders();
        builder.Services.AddKeyValueStore();
        _app = builder.Build(); // never started: no port, no hosted service
        Local = new LocalLimiter(TimeProvider.System, 20_000);
        // No breaker: what a busy machine does to the time of one call is not what is tested.
        Limiter = new Limiter(_app.Services.GetRequiredService<KeyValueStore>(), ResiliencePipeline.Empty, Local, new LimitMetrics(_app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
    }

    public Limiter Limiter { get; }

    public LocalLimiter Local { get; }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>Two nodes on one store.</summary>
public abstract class LimitNodes : IAsyncLifetime
{
    internal TestState State { get; } = new TestState().WithSecrets();

    internal LimitNode[] Nodes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var address = await StartAsync(TestContext.Current.CancellationToken);
        Nodes = [new(State, address), new(State, address)];
    }

    internal LimitNode NewNode() => new(State, Address);

    internal virtual string? Address => null;

    internal abstract Task<string?> StartAsync(CancellationToken cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var node in Nodes) await node.DisposeAsync();
        State.Dispose();
    }
}

public sealed class NodesOnTheEmbeddedStore : LimitNodes
{
    private ServiceProcess? _store;

    internal override async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        _store = await ServiceProcess.StartAsync("store", State, null, cancellationToken);
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        await base.DisposeAsync();
    }
}

public sealed class NodesOnRedis : LimitNodes
{
    private readonly RedisServer _redis = new();

    internal override string Address => _redis.Address;

    internal override async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        await _redis.InitializeAsync();
        return _redis.Address;
    }

    public override async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await base.DisposeAsync();
    }
}
