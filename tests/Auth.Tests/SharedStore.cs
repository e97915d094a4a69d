using Throughline.Testing;

[assembly: AssemblyFixture(typeof(Throughline.Auth.Tests.SharedStore))]

namespace Throughline.Auth.Tests;

/// <summary>One key-value store for all auths of the suite, started when the first asks: nobody signs in without one.</summary>
public sealed class SharedStore : IAsyncDisposable
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static readonly TestState State = new TestState().WithSecrets();
    private static ServiceProcess? _store;

    /// <summary>Lends it, unless the auth has a store of its own already.</summary>
    internal static async Task LendAsync(AuthProcess auth, CancellationToken cancellationToken)
    {
        if (auth.Settings.ContainsKey("Store__Address")) return;
        await Starting.WaitAsync(cancellationToken);
        try
        {
            _store ??= await ServiceProcess.StartAsync("store", State, null, cancellationToken);
        }
        finally
        {
            Starting.Release();
        }

        File.Copy(State.PathOf("secrets", "store-password"), Path.Combine(auth.State, "secrets", "store-password"), overwrite: true);
        auth.Set("Store__Address", $"{_store.Record.Host}:{_store.Record.Port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        State.Dispose();
    }
}
