using System.Data.Common;
using System.Text.Json;
using Throughline.Backend.Agents;
using Throughline.Backend.Database;
using Throughline.Contracts;
using Throughline.Contracts.Files;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

/// <summary>Usage files: rows in the database, the imported data as Parquet in the owner's folder, named by the hash of what was uploaded.</summary>
internal sealed class FileStore(BackendDatabase database, StateFolder state)
{
    private const string Select = "SELECT file FROM files WHERE user_id=@u ";

    public string ParquetPath(Guid userId, string sha256) => state.PathOf("files", userId.ToString(), $"{sha256}.parquet");

    public string TemporaryPath() => state.PathOf("files", "incoming", $"{Guid.CreateVersion7()}.part");

    public Task AddAsync(Guid userId, UsageFile file, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync(
            "INSERT INTO files (file_id, user_id, sha256, created_at, file) VALUES (@id, @u, @sha, @at, @file)", cancellationToken,
            ("id", file.Id), ("u", userId), ("sha", file.Sha256), ("at", file.CreatedAt), ("file", JsonSerializer.SerializeToUtf8Bytes(file, WireJson.Default.UsageFile))), cancellationToken);

    public async Task<UsageFile?> FindAsync(Guid userId, Guid fileId, CancellationToken cancellationToken) =>
        (await ListAsync(Select + "AND file_id=@id", cancellationToken, ("u", userId), ("id", fileId))).FirstOrDefault();

    /// <summary>The owner's earlier upload of the same bytes.</summary>
    public async Task<UsageFile?> FindSameAsync(Guid userId, string sha256, CancellationToken cancellationToken) =>
        (await ListAsync(Select + "AND sha256=@sha ORDER BY file_id DESC LIMIT 1", cancellationToken, ("u", userId), ("sha", sha256))).FirstOrDefault();

    /// <summary>The owner's files, newest first, before <paramref name="before"/>; ids are UUIDv7, so their order is time's.</summary>
    public Task<List<UsageFile>> PageAsync(Guid userId, string before, int limit, CancellationToken cancellationToken) =>
        ListAsync(Select + "AND file_id < @before ORDER BY file_id DESC LIMIT @limit", cancellationToken, ("u", userId), ("before", before), ("limit", limit));

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
            if (await FindAsync(userId, id, cancellationToken) is { } file) files.Add(new AttachedFile(file, ParquetPath(userId, file.Sha256)));
        return files;
    }

    /// <returns>Whether there was such a file.</returns>
    public async Task<bool> DeleteAsync(Guid userId, Guid fileId, CancellationToken cancellationToken)
    {
        var sha = await database.WriteAsync(connection => connection.ScalarAsync<string>(
            "DELETE FROM files WHERE user_id=@u AND file_id=@id RETURNING sha256", cancellationToken, ("u", userId), ("id", fileId)), cancellationToken);
        if (sha is null) return false;
        if (await FindSameAsync(userId, sha, cancellationToken) is null) File.Delete(ParquetPath(userId, sha));
        return true;
    }

    public async Task EraseAllAsync(Guid userId, CancellationToken cancellationToken)
    {
        await database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM files WHERE user_id=@u", cancellationToken, ("u", userId)), cancellationToken);
        var folder = Path.GetDirectoryName(ParquetPath(userId, "any"))!;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private Task<List<UsageFile>> ListAsync(string sql, CancellationToken cancellationToken, params (string, object?)[] values) =>
        database.ReadAsync(connection => connection.ListAsync(sql, Read, cancellationToken, values), cancellationToken);

    private static UsageFile Read(DbDataReader row) => JsonSerializer.Deserialize(row.Bytes(0), WireJson.Default.UsageFile)!;
}
