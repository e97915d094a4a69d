using System.Data.Common;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

/// <summary>
/// A thread's name: its owner's id and the id that the owner gave it. It is made from verified claims or read back from where it was
/// kept, and in no other way, so a client's word cannot name another user's thread.
/// </summary>
internal readonly record struct ThreadKey
{
    public const int MaxIdLength = 128;

    private const int UserLength = 36;

    private ThreadKey(Guid userId, string threadId) => (UserId, ThreadId) = (userId, threadId);

    public Guid UserId { get; }

    /// <summary>The client's own, 1 to 128 characters.</summary>
    public string ThreadId { get; }

    /// <summary>The caller's thread of that id, whether or not there is one.</summary>
    public static ThreadKey Of(AccessToken owner, string threadId) =>
        owner.IsService ? throw new ArgumentException("A service has no threads.", nameof(owner)) : new(owner.UserId, threadId);

    /// <summary>As the database has it, in two columns.</summary>
    public static ThreadKey Read(DbDataReader row, int userColumn, int threadColumn) =>
        new(Guid.Parse(row.GetString(userColumn)), row.GetString(threadColumn));

    /// <summary>As a grain key.</summary>
    public override string ToString() => $"{UserId:D}/{ThreadId}";

    public static ThreadKey Parse(string grainKey) =>
        new(Guid.ParseExact(grainKey.AsSpan(0, UserLength), "D"), grainKey[(UserLength + 1)..]);
}
