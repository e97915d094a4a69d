using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Backend.Agents;
using Throughline.Backend.Database;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Users.Erasure;
using Throughline.Contracts;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Files;

/// <summary>The files of each user: rows in the database, imported data where <see cref="IFileContents"/> keeps it. Another user's file is, in
/// every answer, one that does not exist.</summary>
/// <remarks>
/// No transaction waits for a storage: content is kept before its row, and deleted after it. A crash in between leaves content without a row,
/// which the next sweep removes, and never a row without content.
/// </remarks>
internal sealed partial class FileStore(BackendDatabase database, IFileContents contents, ILogger<FileStore> logger)
{
    private const string Select = "SELECT file, content, content_sha256 FROM files WHERE user_id=@u ";

    // An upload may end after its owner's account did: nothing of it may stay.
    private const string Insert =
        "INSERT INTO files (file_id, user_id, sha256, name, created_at, file, content, content_sha256) SELECT @id, @u, @sha, @name, @at, @file, @content, @hash "
        + "WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id=@u AND status IN ('erasing', 'erased')) ON CONFLICT DO NOTHING";

    public async Task<UsageFile?> FindAsync(Guid userId, Guid fileId, CancellationToken cancellationToken) =>
        (await FindRowAsync(userId, fileId, cancellationToken))?.File;

    /// <summary>The owner's earlier upload of the same bytes: the one of the same name, if there is one.</summary>
    public async Task<UsageFile?> FindSameAsync(Guid userId, string sha256, string name, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => FirstAsync(
            connection, userId, "AND sha256=@sha ORDER BY CASE WHEN name=@name THEN 0 ELSE 1 END LIMIT 1", cancellationToken, ("sha", sha256), ("name", name)), cancellationToken))?.File;

    /// <summary>The owner's files, newest first, after <paramref name="before"/>; ids are UUIDv7, so their order is time's.</summary>
    public Task<List<UsageFile>> PageAsync(Guid userId, Guid? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(
            Select + "AND file_id < @before ORDER BY file_id DESC LIMIT @limit", ReadFile, cancellationToken,
            ("u", userId), ("before", before?.ToString() ?? "g"), ("limit", limit)), cancellationToken); // "g": after every hexadecimal digit

    /// <summary>Keeps a file and its rows.</summary>
    /// <param name="parquet">The import's result, which may be gone afterwards.</param>
    /// <returns>The file, or the one that was there under the same name. Null: its owner is deleted.</returns>
    /// <exception cref="ContentAwayException">Nothing is kept.</exception>
    public async Task<UsageFile?> AddAsync(Guid userId, UsageFile file, string parquet, CancellationToken cancellationToken)
    {
        var content = StoredContent.New(userId, await HashAsync(parquet, cancellationToken));
        await contents.PutAsync(content, parquet, cancellationToken);
        var isKept = false;
        try
        {
            var kept = await database.WriteAsync(connection => InsertAsync(connection, userId, file, content, cancellationToken), cancellationToken);
            isKept = kept == file;
            return kept;
        }
        finally
        {
            if (!isKept) await TryDeleteAsync(content);
        }
    }

    /// <summary>Keeps a file over the rows of another of the owner's.</summary>
    /// <returns>The file, or the one that was there under the same name. Null: its owner is deleted, or the other file has just gone.</returns>
    public Task<UsageFile?> AddAgainAsync(Guid userId, UsageFile file, Guid sameAs, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            return await FirstAsync(connection, userId, "AND file_id=@id", cancellationToken, ("id", sameAs)) is { } same
                ? await InsertAsync(connection, userId, file, same.Content, cancellationToken)
                : null;
        }, cancellationToken);

    /// <returns>Whether there was such a file.</returns>
    public async Task<bool> DeleteAsync(Guid userId, Guid fileId, CancellationToken cancellationToken)
    {
        var (was, unused) = await database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            if (await FirstAsync(connection, userId, "AND file_id=@id", cancellationToken, ("id", fileId)) is not { } row) return (false, null);
            await connection.ExecuteAsync("DELETE FROM files WHERE user_id=@u AND file_id=@id", cancellationToken, ("u", userId), ("id", fileId));
            var isShared = await FirstAsync(connection, userId, "AND content=@content LIMIT 1", cancellationToken, ("content", row.Content.Name)) is not null;
            return (true, isShared ? null : row.Content);
        }, cancellationToken);
        if (unused is not null) await TryDeleteAsync(unused);
        return was;
    }

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
            if (await FindRowAsync(userId, id, cancellationToken) is { } row) files.Add(new AttachedFile(row.File, stop => contents.OpenAsync(row.Content, stop)));
        return files;
    }

    /// <summary>Erases all that a user had. Repeating it changes nothing.</summary>
    /// <exception cref="ContentAwayException">The rows may still be there; it has to be repeated.</exception>
    public async Task EraseAllAsync(Guid userId, CancellationToken cancellationToken)
    {
        await database.WriteAsync(async connection =>
        {
            await LockAsync(connection, userId, cancellationToken);
            var erased = await connection.ListAsync("DELETE FROM files WHERE user_id=@u RETURNING file", ReadFile, cancellationToken, ("u", userId));
            await ErasureTally.AddAsync(connection, userId, "files", erased.Count, cancellationToken);
            await ErasureTally.AddAsync(connection, userId, "file_bytes", erased.Sum(file => file.SizeBytes), cancellationToken);
        }, cancellationToken);
        await contents.EraseAsync(userId, cancellationToken);
    }

    private static async Task<UsageFile?> InsertAsync(DbConnection connection, Guid userId, UsageFile file, StoredContent content, CancellationToken cancellationToken)
    {
        var added = await connection.ExecuteAsync(
            Insert, cancellationToken, ("id", file.Id), ("u", userId), ("sha", file.Sha256), ("name", file.Name), ("at", file.CreatedAt),
            ("file", JsonSerializer.SerializeToUtf8Bytes(file, WireJson.Default.UsageFile)), ("content", content.Name), ("hash", content.Sha256));
        return added > 0 ? file : (await FirstAsync(connection, userId, "AND sha256=@sha AND name=@name", cancellationToken, ("sha", file.Sha256), ("name", file.Name)))?.File;
    }

    private async Task TryDeleteAsync(StoredContent content)
    {
        try
        {
            await contents.DeleteAsync(content, CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.NotDeleted(logger, content.Key, e.Message);
        }
    }

    // SQLite's write transaction is the lock; PostgreSQL needs one.
    private Task LockAsync(DbConnection connection, Guid userId, CancellationToken cancellationToken) =>
        database.IsPostgres
            ? connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@u, 7240002))", cancellationToken, ("u", userId))
            : Task.CompletedTask;

    private Task<Row?> FindRowAsync(Guid userId, Guid fileId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FirstAsync(connection, userId, "AND file_id=@id", cancellationToken, ("id", fileId)), cancellationToken);

    private static async Task<Row?> FirstAsync(DbConnection connection, Guid userId, string where, CancellationToken cancellationToken, params (string, object?)[] values) =>
        (await connection.ListAsync(
            Select + where, row => new Row(ReadFile(row), new StoredContent(userId, row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2))), cancellationToken,
            [("u", userId), .. values])).FirstOrDefault();

    private static UsageFile ReadFile(DbDataReader row) => JsonSerializer.Deserialize(row.Bytes(0), WireJson.Default.UsageFile)!;

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private sealed record Row(UsageFile File, StoredContent Content);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The rows {Key} belong to no file any more and could not be deleted; the next sweep does: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string key, string reason);
    }
}
