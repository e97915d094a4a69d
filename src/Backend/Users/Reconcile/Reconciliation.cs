using System.Runtime.CompilerServices;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>Compares every user here with auth's, and repairs what differs where that is asked for.</summary>
internal sealed class Reconciliation(AuthFeedClient auth, ReplicaStates replica, ReplicaRepair repair, ReplicaSignal signal, TimeProvider time) : IDisposable
{
    /// <summary>What is on its way by the feed is no divergence. So long, all in all, suspects are given to arrive, where there is something to come …</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>… and so long each, whose version must then stand still.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>After a repair: it comes by the feed.</summary>
    private static readonly TimeSpan RepairWithin = TimeSpan.FromSeconds(10);

    private const int MostLooks = 20;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>A line for each page, each divergence, and the end. One comparison at a time; the next one waits.</summary>
    public async IAsyncEnumerable<ReconcileLine> RunAsync(bool isRepairing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var (compared, suspects) = (0L, new List<Guid>());
            await foreach (var (count, found) in SuspectsAsync(cancellationToken))
            {
                suspects.AddRange(found);
                yield return new(compared += count);
            }

            var began = time.GetTimestamp();
            foreach (var suspect in suspects)
                if (await ConfirmAsync(suspect, began, Patience, cancellationToken) is { } divergence)
                    yield return new(compared, isRepairing ? await RepairAsync(divergence, cancellationToken) : divergence);
            yield return new(compared, IsDone: true);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async IAsyncEnumerable<(int Compared, List<Guid> Suspects)> SuspectsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (Guid? after = Guid.Empty; after is { } from;)
        {
            var page = await auth.ReadStatesAsync(from, cancellationToken);
            var theirs = page.Items.ToDictionary(u => u.UserId);
            var ours = (await replica.BetweenAsync(from, page.Next, cancellationToken)).ToDictionary(u => u.UserId);
            var all = theirs.Keys.Union(ours.Keys).ToList();
            yield return (all.Count, all.FindAll(id => Differences.Of(theirs.GetValueOrDefault(id), ours.GetValueOrDefault(id)) is not null));
            after = page.Next;
        }
    }

    /// <returns>Null where it has arrived meanwhile.</returns>
    private async Task<Divergence?> ConfirmAsync(Guid userId, long began, TimeSpan patience, CancellationToken cancellationToken)
    {
        long? before = null;
        for (var look = 0; ; look++)
        {
            var next = signal.Next; // armed before the look
            // Ours first: theirs can then only be newer, and what is newer is on its way.
            var ours = await replica.FindAsync(userId, cancellationToken);
            var divergence = Differences.Of(await auth.FindStateAsync(userId, cancellationToken), ours);
            if (divergence is null) return null;
            var isSettled = look > 0 && ours?.Version == before && (!Differences.MayArrive(divergence) || time.GetElapsedTime(began) > patience);
            if (isSettled || look == MostLooks) return divergence;
            before = ours?.Version;
            await next.WaitAsync(LookAgain, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<Divergence> RepairAsync(Divergence divergence, CancellationToken cancellationToken) => divergence with
    {
        Repaired = await repair.TryRepairAsync(divergence, cancellationToken)
            && await ConfirmAsync(divergence.UserId, time.GetTimestamp(), RepairWithin, cancellationToken) is null,
    };
}
