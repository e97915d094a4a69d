using Npgsql;
using Throughline.Testing;
using Throughline.Testing.Chaos;

namespace Throughline.Backend.Tests.Runs;

/// <summary>The services, with a gate between the backend and its PostgreSQL.</summary>
public sealed class GatedServices : Services
{
    private readonly PostgresServer _server = new();
    private ChaosProxy? _proxy;
    private string? _database;

    internal JournalGate Gate { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _database = await _server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        var port = new NpgsqlConnectionStringBuilder(_database).Port;
        _proxy = new ChaosProxy(() => port, Gate);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string>
        {
            ["Database__Provider"] = "postgres",
            ["Database__ConnectionString"] = new NpgsqlConnectionStringBuilder(_database!) { Port = _proxy!.Port }.ConnectionString,
            ["Limits__Window"] = "00:00:01", // a tier's messages a minute are few: here they are a second's
        });

    public override async ValueTask DisposeAsync()
    {
        Gate.Open();
        await base.DisposeAsync();
        if (_proxy is not null) await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }
}
