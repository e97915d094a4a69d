using Throughline.Testing.Chaos;

namespace Throughline.Backend.Tests.Storm;

/// <summary>The services, with a network of their own between clients and backend, and between backend and store.</summary>
public sealed class StormServices : Services
{
    private ChaosProxy? _clients;
    private ChaosProxy? _store;

    internal ChaosProxy Clients => _clients!;

    /// <summary>The backend's way to the store.</summary>
    internal ChaosProxy StoreLine => _store!;

    internal Uri Socket => new($"ws://127.0.0.1:{Clients.Port}/ws");

    public override async ValueTask InitializeAsync()
    {
        _clients = new ChaosProxy(() => State.ReadRecord("backend")?.Port);
        _store = new ChaosProxy(() => State.ReadRecord("store")?.Port);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string>
        {
            ["Store__Address"] = $"127.0.0.1:{_store!.Port}",
            ["Limits__Window"] = "00:00:01", // a tier's messages a minute are few: here they are a second's
            ["Gateway__HeartbeatSeconds"] = "1",
        });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var proxy in (ChaosProxy?[])[_clients, _store])
            if (proxy is not null) await proxy.DisposeAsync();
    }
}
