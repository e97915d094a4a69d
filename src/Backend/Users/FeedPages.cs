using Throughline.Backend.Users.Erasure;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users;

/// <summary>Takes the feed's pages in: memory, database, the high-water mark beside it, and those who wait.</summary>
internal sealed class FeedPages(
    UserChangeWriter writer, Revocations revocations, FeedHighWater highWater, ReplicaSignal signal, UserErasure erasure, FeedMetrics metrics, TimeProvider time)
{
    /// <returns>The place after the page.</returns>
    public async Task<FeedCursor> ApplyAsync(UserChanges page, FeedCursor cursor, CancellationToken cancellationToken)
    {
        if (page.Next == cursor.Position) return cursor;
        // Memory first: not even a full disk keeps a revoked session alive.
        foreach (var change in page.Items) revocations.Apply(change);
        await writer.ApplyAsync(page, cancellationToken);
        highWater.Write(page.Next);
        signal.Ring();
        foreach (var change in page.Items) metrics.Applied(time.GetUtcNow() - change.At);
        if (page.Items.Any(change => change.Kind == UserChangeKind.Deleted)) erasure.Continue();
        return new(page.Next, page.Mark);
    }

    public async Task RewindAsync(CancellationToken cancellationToken)
    {
        highWater.Reset(0); // first: a lower file says nothing, a higher one would hold the next start back
        await writer.RewindAsync(cancellationToken);
    }
}
