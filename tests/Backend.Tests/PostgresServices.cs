using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>The same services, with the backend's data in PostgreSQL.</summary>
public sealed class PostgresServices : Services
{
    private readonly PostgresServer _server = new();
    private string? _database;

    public override async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _database = await _server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = _database! });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}
