using System.Data.Common;
using Microsoft.Extensions.Options;
using Throughline.Backend.Database;
using Throughline.Backend.Files;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Retention;

/// <summary>What is over, kind by kind. Each method removes one batch and says how much that was; 0 means that nothing is left.</summary>
internal sealed class Expiry(
    BackendDatabase database, ThreadHub hub, ThreadGrains grains, FileStore files, IFileContents contents, IOptions<RetentionOptions> options, TimeProvider time)
{
    /// <summary>Protocol §4: an idempotency key holds for 24 hours.</summary>
    private static readonly TimeSpan RequestLifetime = TimeSpan.FromHours(24);

    /// <summary>Content is kept before its row; after this long the row does not come any more.</summary>
    private static readonly TimeSpan ContentWaitsForRow = TimeSpan.FromHours(1);

    private readonly RetentionOptions _options = options.Value;

    public Task<int> RequestsAsync(CancellationToken cancellationToken) => DeleteAsync(
        "DELETE FROM run_requests WHERE (user_id, request_id) IN (SELECT user_id, request_id FROM run_requests WHERE accepted_at < @before ORDER BY accepted_at LIMIT @batch)",
        RequestLifetime, cancellationToken);

    public Task<int> NodesAsync(CancellationToken cancellationToken) => DeleteAsync(
        "DELETE FROM nodes WHERE node IN (SELECT node FROM nodes WHERE lease_until < @before LIMIT @batch)", TimeSpan.FromHours(1), cancellationToken);

    /// <summary>Through its grain, its one writer. One in which a run is open, or that somebody follows here, is not idle.</summary>
    public async Task<int> ThreadsAsync(CancellationToken cancellationToken)
    {
        if (_options.Threads is not { } keep) return 0;
        var idle = await ListAsync(
            "SELECT user_id, thread_id FROM threads t WHERE updated_at < @before AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.thread_no=t.thread_no AND r.finished_at IS NULL) "
            + "ORDER BY updated_at LIMIT @batch", row => ThreadKey.Read(row, 0, 1), keep, cancellationToken);
        var removed = 0;
        foreach (var thread in idle.Where(thread => !hub.HasSubscribers(thread)))
            if (await grains.CallAsync(thread, grain => grain.DeleteIfIdleAsync(Before(keep)))) removed++;
        return removed;
    }

    /// <summary>Of nobody who has a run open: it may be reading them.</summary>
    public async Task<int> FilesAsync(CancellationToken cancellationToken)
    {
        if (_options.Files is not { } keep) return 0;
        var old = await ListAsync(
            "SELECT user_id, file_id FROM files f WHERE created_at < @before AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.user_id=f.user_id AND r.finished_at IS NULL) "
            + "ORDER BY created_at LIMIT @batch", row => (User: Guid.Parse(row.GetString(0)), File: Guid.Parse(row.GetString(1))), keep, cancellationToken);
        var removed = 0;
        foreach (var (user, file) in old)
            if (await files.DeleteAsync(user, file, cancellationToken)) removed++;
        return removed;
    }

    /// <summary>All at once, for a list has to be read to its end. Only of owners whom this database knows: two installations may share a bucket by mistake.</summary>
    public async Task<int> ContentsAsync(CancellationToken cancellationToken)
    {
        var (before, removed) = (Before(ContentWaitsForRow), 0);
        await foreach (var listed in contents.ListAsync(cancellationToken))
        {
            if (listed.KeptAt >= before || !await IsLeftOverAsync(listed.Content, cancellationToken)) continue;
            await contents.DeleteAsync(listed.Content, cancellationToken);
            removed++;
        }

        return removed;
    }

    private Task<bool> IsLeftOverAsync(StoredContent content, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => await connection.ScalarAsync<long?>(
            "SELECT CAST(1 AS bigint) WHERE EXISTS (SELECT 1 FROM users WHERE user_id=@u) AND NOT EXISTS (SELECT 1 FROM files WHERE user_id=@u AND content=@content)",
            cancellationToken, ("u", content.Owner), ("content", content.Name)) is not null, cancellationToken);

    private DateTimeOffset Before(TimeSpan age) => time.GetUtcNow() - age;

    private Task<int> DeleteAsync(string sql, TimeSpan age, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync(sql, cancellationToken, ("before", Before(age)), ("batch", _options.Batch)), cancellationToken);

    private Task<List<T>> ListAsync<T>(string sql, Func<DbDataReader, T> read, TimeSpan age, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(sql, read, cancellationToken, ("before", Before(age)), ("batch", _options.Batch)), cancellationToken);
}
