using System.Data.Common;
using Throughline.Backend.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>A user as the database here has it, with the sessions that it knows to be revoked.</summary>
internal sealed record ReplicaState(
    Guid UserId, long Version, string Status, string Tier, string Role, string Profile, IReadOnlySet<Guid> RevokedSessions)
{
    public bool IsErased => Status is UserStatus.Erasing or UserStatus.Erased;
}

/// <summary>Reads the replica for comparison: from the database, not from memory, since a restart reads that.</summary>
internal sealed class ReplicaStates(BackendDatabase database)
{
    private const string Select = "SELECT user_id, version, status, tier, role, email, name FROM users WHERE ";
    private const string Range = "user_id > @after AND (@last IS NULL OR user_id <= @last)";

    /// <param name="last">The last id; null for all that follow.</param>
    public Task<List<ReplicaState>> BetweenAsync(Guid after, Guid? last, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ReadAsync(
            connection, Range.Replace("@last IS NULL", database.IsPostgres ? "@last::text IS NULL" : "@last IS NULL", StringComparison.Ordinal),
            [("after", after), ("last", last?.ToString())], cancellationToken), cancellationToken);

    public async Task<ReplicaState?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => ReadAsync(connection, "user_id=@u", [("u", userId)], cancellationToken), cancellationToken)).FirstOrDefault();

    private static async Task<List<ReplicaState>> ReadAsync(DbConnection connection, string which, (string, object?)[] values, CancellationToken cancellationToken)
    {
        var revoked = (await connection.ListAsync(
            $"SELECT user_id, session_id FROM revocations WHERE session_id <> '' AND {which}", row => (User: Guid.Parse(row.GetString(0)), Session: Guid.Parse(row.GetString(1))),
            cancellationToken, values)).ToLookup(r => r.User, r => r.Session);
        return await connection.ListAsync(Select + which, row => Read(row, revoked), cancellationToken, values);
    }

    private static ReplicaState Read(DbDataReader row, ILookup<Guid, Guid> revoked)
    {
        var id = Guid.Parse(row.GetString(0));
        return new(
            id, row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), ProfileHash.Of(row.GetString(5), row.GetString(6)), revoked[id].ToHashSet());
    }
}
