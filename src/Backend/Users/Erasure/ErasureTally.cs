using System.Data.Common;
using Throughline.Backend.Database;

namespace Throughline.Backend.Users.Erasure;

/// <summary>Counts what is erased of a deleted user, in the transaction that erases it: so no crash and no second node counts it twice, or not at all.</summary>
internal static class ErasureTally
{
    /// <summary>What the key-value store held, for which the receipt names another holder.</summary>
    public const string StoreKeys = "store:keys";

    private const string Insert = "INSERT INTO erasures (user_id, what, count) ";
    private const string Conflict = " ON CONFLICT (user_id, what) DO UPDATE SET count = erasures.count + excluded.count";

    /// <summary>Adds to the count, where the user is being erased; does nothing where a living user deletes something.</summary>
    public static Task AddAsync(DbConnection connection, Guid userId, string what, long count, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            Insert + "SELECT @u, @what, @n FROM users WHERE user_id=@u AND status='erasing'" + Conflict, cancellationToken,
            ("u", userId), ("what", what), ("n", count));

    /// <summary>Adds to the count of a user whose rows are gone already.</summary>
    public static Task AddLateAsync(DbConnection connection, Guid userId, string what, long count, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(Insert + "VALUES (@u, @what, @n)" + Conflict, cancellationToken, ("u", userId), ("what", what), ("n", count));
}
