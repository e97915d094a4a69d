using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Changes;

/// <summary>Reads the outbox in order: at once where something is there, else as soon as something is.</summary>
internal sealed class ChangeFeed(IServiceScopeFactory scopes, ChangeSignal signal, IOptions<DatabaseOptions> options, TimeProvider time)
{
    private const int MaxItems = 500;
    private static readonly TimeSpan OtherNodesInterval = TimeSpan.FromMilliseconds(500);

    public async Task<UserChanges> ReadAsync(long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var next = signal.Next; // armed before the read
            var items = await ReadNowAsync(after, cancellationToken);
            var left = wait - time.GetElapsedTime(began);
            if (items.Count > 0 || left <= TimeSpan.Zero) return new(items, items.Count > 0 ? items[^1].Seq : after);
            await WaitAsync(next, left, cancellationToken);
        }
    }

    private async Task<List<UserChange>> ReadNowAsync(long after, CancellationToken cancellationToken)
    {
        // Its own scope: a request that waits holds no connection.
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var rows = await db.Changes.AsNoTracking().Where(c => c.Seq > after).OrderBy(c => c.Seq).Take(MaxItems).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => row.ToUserChange());
    }

    private async Task WaitAsync(Task next, TimeSpan left, CancellationToken cancellationToken)
    {
        // Another auth on the same PostgreSQL rings its own bell, not ours.
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
}
