using Throughline.Testing;

[assembly: AssemblyFixture(typeof(Throughline.Auth.Tests.SqliteAuth))]
[assembly: AssemblyFixture(typeof(Throughline.Auth.Tests.PostgresAuth))]

namespace Throughline.Auth.Tests;

/// <summary>One auth for all tests on one kind of database; started when the first of them asks.</summary>
public abstract class SharedAuth : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private AuthProcess? _process;

    internal async Task<AuthClient> ClientAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await _starting.WaitAsync(stop);
        try
        {
            _process ??= await StartAsync(stop);
            return new(_process);
        }
        finally
        {
            _starting.Release();
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _starting.Dispose();
        GC.SuppressFinalize(this);
    }

    internal abstract Task<AuthProcess> StartAsync(CancellationToken cancellationToken);
}

public sealed class SqliteAuth : SharedAuth
{
    internal override Task<AuthProcess> StartAsync(CancellationToken cancellationToken) => AuthProcess.StartAsync(cancellationToken);
}

public sealed class PostgresAuth : SharedAuth
{
    private readonly PostgresServer _server = new();

    internal override async Task<AuthProcess> StartAsync(CancellationToken cancellationToken)
    {
        await _server.InitializeAsync();
        return await AuthProcess.StartAsync(
            cancellationToken, ("Database__Provider", "postgres"),
            ("Database__ConnectionString", await _server.CreateDatabaseAsync(cancellationToken)));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
