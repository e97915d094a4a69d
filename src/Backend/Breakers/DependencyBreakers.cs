using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using Throughline.Backend.Files.Contents;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while the service goes on.</summary>
/// <param name="hasObjectStorage">Whether rows lie in one; else its breaker is nobody's business.</param>
internal sealed class DependencyBreakers(TimeProvider time, bool hasObjectStorage = false)
{
    private readonly DependencyBreaker _store = new("store", time, TimeSpan.FromSeconds(2));
    private readonly DependencyBreaker _auth = new("auth", time, null);
    private readonly DependencyBreaker _database = new("database", time, null, TimeSpan.FromSeconds(2), IsDatabaseAway);
    private readonly DependencyBreaker _model = new("model", time, null, TimeSpan.FromSeconds(30));

    private readonly DependencyBreaker _objects = new("object storage", time, null, null, exception => exception is ContentAwayException);

    public ResiliencePipeline Store => _store.Pipeline;

    /// <summary>Auth's feed of user changes, and its answers about API keys.</summary>
    public ResiliencePipeline Auth => _auth.Pipeline;

    /// <summary>Short, because nothing works without it: it only spares callers the wait for a database that does not answer.</summary>
    public ResiliencePipeline Database => _database.Pipeline;

    /// <summary>The language model's endpoint.</summary>
    public ResiliencePipeline Model => _model.Pipeline;

    /// <summary>Where imported rows lie, if not in the state folder.</summary>
    public ResiliencePipeline ObjectStorage => _objects.Pipeline;

    public IReadOnlyList<BreakerState> States =>
        hasObjectStorage ? [_store.State, _database.State, _auth.State, _model.State, _objects.State] : [_store.State, _database.State, _auth.State, _model.State];

    /// <summary>Auth runs as a new process, which owes nothing to the failures of the one before.</summary>
    public Task AuthIsNewAsync(CancellationToken cancellationToken) => _auth.CloseAsync(cancellationToken);

    /// <summary>The server does not answer, or the disk: not a statement that it refused.</summary>
    private static bool IsDatabaseAway(Exception exception) => exception switch
    {
        DatabaseAwayException => true,
        PostgresException refused => refused.SqlState is "57P01" or "57P02" or "57P03" or "53300",
        NpgsqlException => true,
        SqliteException broken => broken.SqliteErrorCode is 10 or 13 or 14, // SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
        _ => false,
    };
}

/// <summary>The database's breaker is open: a call was not tried.</summary>
internal sealed class DatabaseAwayException(BrokenCircuitException broken) : DbException(broken.InnerException?.Message ?? "The database does not answer.", broken);
