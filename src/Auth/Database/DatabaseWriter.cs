using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;

namespace Throughline.Auth.Database;

/// <summary>
/// Begins write transactions. On SQLite they are <c>BEGIN IMMEDIATE</c>, and wait for each other here instead of in the file's lock.
/// On PostgreSQL whoever writes changes holds one advisory lock from its first statement to its commit: so a change's number
/// is given in the order in which changes become visible, and a reader's cursor never passes one that commits late.
/// </summary>
internal sealed class DatabaseWriter(
    AuthDb db, WriteGate gate, PendingChanges pending, AuditTip tip, ChangeSignal signal, ChangePush push, IOptions<DatabaseOptions> options)
{
    /// <summary>
    /// One round trip for the turn and for what every change is audited after, for all others wait meanwhile.
    /// The second statement sees what was committed before the turn came, because each has a snapshot of its own.
    /// </summary>
    private const string TakeTurn = """SELECT pg_advisory_xact_lock(8388080129014196224); SELECT "Seq", "Hash" FROM "AuditEntries" ORDER BY "Seq" DESC LIMIT 1""";

    /// <summary>Begins a transaction that may add to the changes and to the audit log.</summary>
    public async Task<WriteTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var write = await BeginWithoutChangesAsync(cancellationToken);
        if (options.Value.IsPostgres) await TakeTurnAsync(cancellationToken);
        return write;
    }

    /// <summary>Begins a transaction that touches no user and revokes nothing.</summary>
    public async Task<WriteTransaction> BeginWithoutChangesAsync(CancellationToken cancellationToken)
    {
        var isOneAtATime = !options.Value.IsPostgres;
        if (isOneAtATime) await gate.Turn.WaitAsync(cancellationToken);
        db.Database.AutoSavepointsEnabled = false; // two round trips for nothing: what fails undoes the whole
        try
        {
            return new(await db.Database.BeginTransactionAsync(cancellationToken), isOneAtATime ? gate : null, pending, tip, signal, push);
        }
        catch
        {
            if (isOneAtATime) gate.Turn.Release();
            throw;
        }
    }

    private async Task TakeTurnAsync(CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = TakeTurn;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken)) tip.Last = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
    }
}

/// <summary>SQLite takes one writer at a time; ours queue here.</summary>
internal sealed class WriteGate : IDisposable
{
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public void Dispose() => Turn.Dispose();
}

/// <summary>Rolls back unless committed. A commit of changes wakes those who wait for them, here and, by the doorbell, elsewhere.</summary>
internal sealed class WriteTransaction(
    IDbContextTransaction transaction, WriteGate? gate, PendingChanges pending, AuditTip tip, ChangeSignal signal, ChangePush push) : IAsyncDisposable
{
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await transaction.CommitAsync(cancellationToken);
        if (pending.Take() is not { Count: > 0 } changes) return;
        signal.Ring();
        push.Tell(changes);
    }

    public async ValueTask DisposeAsync()
    {
        pending.Take(); // of a transaction that was rolled back
        tip.Last = null;
        await transaction.DisposeAsync();
        gate?.Turn.Release();
    }
}
