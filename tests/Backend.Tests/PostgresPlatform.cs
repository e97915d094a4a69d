using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>The platform on PostgreSQL, as <c>up --postgres</c> starts it: on an empty server, each service with a database of its own.</summary>
public sealed class PostgresPlatform : Platform
{
    private readonly PostgresServer _server = new();

    protected override async ValueTask<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        await _server.InitializeAsync();
        return ["--postgres", _server.Address];
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>Those that share one PostgreSQL; a test among them may kill the backend, so they take turns.</summary>
[CollectionDefinition(Name)]
public sealed class OnPostgres : ICollectionFixture<PostgresPlatform>
{
    public const string Name = "on PostgreSQL";
}
