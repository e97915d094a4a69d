using System.Data.Common;
using System.Text.Json;
using Throughline.Backend.Agents;
using Throughline.Backend.Database;
using Throughline.Backend.Users.Erasure;
using Throughline.Contracts;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Files;

/// <summary>The files of each user: rows in the database, imported data in the owner's folder. Another user's file is, in every
/// answer, one that does not exist.</summary>
internal sealed class FileStore(BackendDatabase database, FileFolder folder)
{
    private const string Select = "SELECT file FROM files WHERE user_id=@u ";

    // An upload may end after its owner's account did: nothing of it may stay.
    private const string Insert =
        "INSERT INTO files (file_id, user_id, sha256, name, created_at, file) SELECT @id, @u, @sha, @name, @at, @file "
        + "WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id=@u AND status IN ('erasing', 'erased')) ON CONFLICT DO NOTHING";

    public Task<UsageFile?> FindAsync(Guid userId, Guid fileId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FirstAsync(connection, Select + "AND file_id=@id", cancellationToken, ("u", userId), ("id", fileId)), cancellationToken);

    /// <summary>The owner's earlier upload of the same bytes: the one of the same name, if there is one.</summary>
    public Task<UsageFile?> FindSameAsync(Guid userId, string sha256, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FirstAsync(
            connection, Select + "AND sha256=@sha ORDER BY CASE WHEN name=@name THEN 0 ELSE 1 END LIMIT 1", cancellationToken,
            ("u", userId), ("sha", sha256), ("name", name)), cancellationToken);

    /// <summary>The owner's files, newest first, after <paramref name="before"/>; ids are UUIDv7, so their order is time's.</summary>
    public Task<List<UsageFile>> PageAsync(Guid userId, Guid? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(
            Select + "AND file_id < @before ORDER BY file_id DESC LIMIT @limit", Read, cancellationToken,
            ("u", userId), ("before", before?.ToString() ?? "g"), ("limit", limit)), cancellationToken); // "g": after every hexadecimal digit

    /// <summary>Keeps a file. Row and content change in one transaction, which also keeps a deletion of the same content out.</summary>
    /// <param name="parquet">The import's result, which is moved into place; null where an earlier import of the same bytes is there.</param>
    /// <returns>The file, or the one that was there under the same name. Null: its owner is deleted, or the earlier import has just gone.</returns>
    public Task<UsageFile?> AddAsync(Guid userId, UsageFile file, string? parquet, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            var path = folder.ParquetPath(userId, file.Sha256);
            if (parquet is null && !File.Exists(path)) return null;
            var added = await connection.ExecuteAsync(
                Insert, cancellationToken, ("id", file.Id), ("u", userId), ("sha", file.Sha256), ("name", file.Name), ("at", file.CreatedAt),
                ("file", JsonSerializer.SerializeToUtf8Bytes(file, WireJson.Default.UsageFile)));
            // Somebody may be reading what is there, and it is the same.
            if (added > 0 && !File.Exists(path)) File.Move(parquet!, path);
            return added > 0
                ? file
                : await FirstAsync(connection, Select + "AND sha256=@sha AND name=@name", cancellationToken, ("u", userId), ("sha", file.Sha256), ("name", file.Name));
        }, cancellationToken);

    /// <returns>Whether there was such a file.</returns>
    public Task<bool> DeleteAsync(Guid userId, Guid fileId, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            var sha256 = await connection.ScalarAsync<string>(
                "DELETE FROM files WHERE user_id=@u AND file_id=@id RETURNING sha256", cancellationToken, ("u", userId), ("id", fileId));
            if (sha256 is null) return false;
            if (await FirstAsync(connection, Select + "AND sha256=@sha LIMIT 1", cancellationToken, ("u", userId), ("sha", sha256)) is null)
                File.Delete(folder.ParquetPath(userId, sha256));
            return true;
        }, cancellationToken);

    /// <returns>The first of the ids that is no file of the user's; null where all are.</returns>
    public async Task<Guid?> MissingAsync(Guid userId, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
            if (await FindAsync(userId, id, cancellationToken) is null) return id;
        return null;
    }

    /// <summary>The files as agents need them; one that was deleted since is left out.</summary>
    public async Task<IReadOnlyList<AttachedFile>> AttachedAsync(Guid userId, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var files = new List<AttachedFile>();
        foreach (var id in ids)
            if (await FindAsync(userId, id, cancellationToken) is { } file) files.Add(new AttachedFile(file, folder.ParquetPath(userId, file.Sha256)));
        return files;
    }

    /// <summary>Erases all that a user had. Repeating it changes nothing.</summary>
    public Task EraseAllAsync(Guid userId, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            var erased = await connection.ListAsync("DELETE FROM files WHERE user_id=@u RETURNING file", Read, cancellationToken, ("u", userId));
            folder.EraseUser(userId);
            await ErasureTally.AddAsync(connection, userId, "files", erased.Count, cancellationToken);
            await ErasureTally.AddAsync(connection, userId, "file_bytes", erased.Sum(file => file.SizeBytes), cancellationToken);
        }, cancellationToken);

    // SQLite's write transaction is the lock; PostgreSQL needs one.
    private Task LockAsync(DbConnection connection, Guid userId, CancellationToken cancellationToken) =>
        database.IsPostgres
            ? connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@u, 7240002))", cancellationToken, ("u", userId))
            : Task.CompletedTask;

    private static async Task<UsageFile?> FirstAsync(DbConnection connection, string sql, CancellationToken cancellationToken, params (string, object?)[] values) =>
        (await connection.ListAsync(sql, Read, cancellationToken, values)).FirstOrDefault();

    private static UsageFile Read(DbDataReader row) => JsonSerializer.Deserialize(row.Bytes(0), WireJson.Default.UsageFile)!;
}
