using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Syncing;

/// <summary>The services with both databases in PostgreSQL.</summary>
public sealed class SyncServicesOnPostgres : Services
{
    private readonly PostgresServer _server = new();

    internal string AuthDatabase { get; private set; } = "";

    internal string BackendDatabase { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await _server.InitializeAsync();
        AuthDatabase = await _server.CreateDatabaseAsync(stop);
        BackendDatabase = await _server.CreateDatabaseAsync(stop);
        await base.InitializeAsync();
    }

    protected override IReadOnlyDictionary<string, string> AuthSettings => On(AuthDatabase, base.AuthSettings);

    protected override async ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        On(BackendDatabase, await base.BackendSettingsAsync(cancellationToken));

    private static Dictionary<string, string> On(string database, IReadOnlyDictionary<string, string> settings) =>
        new(settings) { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = database };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}
