using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Changes;

/// <summary>A reader's place in the feed.</summary>
/// <param name="Mark">When the entry there was made, as the reader was told; null where it was not told, or is at the beginning.</param>
internal sealed record FeedPlace(long After, DateTimeOffset? Mark);

/// <summary>Reads the outbox in order: at once where something is there, else as soon as something is.</summary>
internal sealed class ChangeFeed(IServiceScopeFactory scopes, ChangeSignal signal, FeedReaders readers, IOptions<DatabaseOptions> options, TimeProvider time)
{
    private const int MaxItems = 500;
    private static readonly TimeSpan OtherNodesInterval = TimeSpan.FromMilliseconds(500);

    public async Task<UserChanges> ReadAsync(FeedPlace place, TimeSpan wait, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var next = signal.Next; // armed before the read
            readers.Seen(place.After);
            var page = await ReadNowAsync(place, cancellationToken);
            var left = wait - time.GetElapsedTime(began);
            if (page.Items.Count > 0 || page.Rewritten || left <= TimeSpan.Zero) return page;
            if (page.Next == place.After) await WaitAsync(next, left, cancellationToken);
            place = new(page.Next, page.Mark); // past entries of users who are gone
        }
    }

    private async Task<UserChanges> ReadNowAsync(FeedPlace place, CancellationToken cancellationToken)
    {
        // Its own scope: a request that waits holds no connection.
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        // With the entry at the reader's place: an entry that a reader stands at never goes, so where it is not there, or not the same, the database is not the same.
        var rows = await db.Changes.AsNoTracking().Where(c => c.Seq >= place.After).OrderBy(c => c.Seq).Take(MaxItems + 1).ToListAsync(cancellationToken);
        if (place.Mark is { } mark && !(rows is [var first, ..] && first.Seq == place.After && IsSame(first.At, mark))) return new([], 0, Rewritten: true);

        var last = rows.LastOrDefault();
        return new(
            [.. rows.Where(row => row.Seq > place.After && row.Kind != ChangeKind.Blank).Select(row => row.ToUserChange())],
            last?.Seq ?? place.After, last?.At ?? place.Mark);
    }

    private async Task WaitAsync(Task next, TimeSpan left, CancellationToken cancellationToken)
    {
        // Another auth on the same PostgreSQL rings through the key-value store, which may be away.
        var limit = options.Value.IsPostgres && left > OtherNodesInterval ? OtherNodesInterval : left;
        try
        {
            await next.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing came: the caller looks once more, then answers.
        }
    }

    private static bool IsSame(DateTimeOffset left, DateTimeOffset right) => left.ToUnixTimeMilliseconds() == right.ToUnixTimeMilliseconds();
}
