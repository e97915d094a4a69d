using System.Text.Json;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Facts;

/// <summary>Reads facts. They are written by runs, with the log.</summary>
internal sealed class FactStore(BackendDatabase database)
{
    public async Task<Fact?> FindAsync(Guid userId, Guid factId, CancellationToken cancellationToken)
    {
        var json = await database.ReadAsync(connection => connection.ScalarAsync<byte[]>(
            "SELECT fact FROM facts WHERE fact_id=@id AND user_id=@u", cancellationToken, ("id", factId), ("u", userId)), cancellationToken);
        return json is null ? null : JsonSerializer.Deserialize(json, WireJson.Default.Fact);
    }

    public async Task<IReadOnlyDictionary<Guid, Fact>> OfThreadAsync(ThreadKey key, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.ListAsync(
            "SELECT f.fact FROM facts f JOIN threads t ON t.thread_no = f.thread_no WHERE t.user_id=@u AND t.thread_id=@t",
            row => JsonSerializer.Deserialize(row.Bytes(0), WireJson.Default.Fact)!, cancellationToken, ("u", key.UserId), ("t", key.ThreadId)), cancellationToken))
        .ToDictionary(fact => fact.Id);
}
