using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Erasure;

/// <summary>What became of deleted accounts, as each holder reports it.</summary>
internal sealed class ErasureReceipts(AuthDb db, DatabaseWriter writer, WriteAheadLog log, TimeProvider time)
{
    public async Task<ErasureReceipt?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var erasure = await db.Erasures.AsNoTracking().Include(e => e.Items).SingleOrDefaultAsync(e => e.Id == id, cancellationToken);
        return erasure is null
            ? null
            : new(
                erasure.Id, erasure.RequestedAt,
                [.. erasure.Items.OrderBy(i => i.Holder).ThenBy(i => i.What).Select(i => new ErasedItem(i.Holder, i.What, i.Count, i.At))],
                erasure.CompletedAt);
    }

    /// <summary>Takes what the backend erased, its own and the store's. It is the last holder, so this completes the receipt. A repeated report replaces the first.</summary>
    public async Task<ReportOutcome> TakeAsync(Guid userId, ErasureReport report, CancellationToken cancellationToken)
    {
        // The receipt says that it is gone, so first it must be gone from the log too.
        if (!await log.TruncateAsync(cancellationToken)) return ReportOutcome.TryAgain;

        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        var erasure = await db.Erasures.Include(e => e.Items).SingleOrDefaultAsync(e => e.UserId == userId, cancellationToken);
        if (erasure is null) return ReportOutcome.Unknown;
        erasure.Items.RemoveAll(i => i.Holder != AccountEraser.Holder);
        await db.SaveChangesAsync(cancellationToken);
        erasure.Items.AddRange(report.Items.Select(
            i => new ErasureItem { ErasureId = erasure.Id, Holder = i.Holder, What = i.What, Count = i.Count, At = i.At }));
        erasure.CompletedAt ??= time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return ReportOutcome.Taken;
    }
}

internal enum ReportOutcome
{
    Taken,

    /// <summary>There is no such erasure.</summary>
    Unknown,

    /// <summary>The database is in the middle of something.</summary>
    TryAgain,
}
