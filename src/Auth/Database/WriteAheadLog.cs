using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Database;

/// <summary>SQLite's log of late writes, which keeps what a deletion has overwritten in the database until it is emptied.</summary>
internal sealed class WriteAheadLog(AuthDb db, WriteGate gate, IOptions<DatabaseOptions> options)
{
    /// <returns>False where somebody still reads an older state; try again in a moment.</returns>
    public async Task<bool> TruncateAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsPostgres) return true; // whose log the server's operator keeps and drops
        await gate.Turn.WaitAsync(cancellationToken);
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            return await command.ExecuteScalarAsync(cancellationToken) is 0L; // the first column: whether it was busy
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
            gate.Turn.Release();
        }
    }
}
