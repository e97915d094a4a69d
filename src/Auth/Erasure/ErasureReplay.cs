using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;

namespace Throughline.Auth.Erasure;

/// <summary>Before anything is served: whoever was erased stays erased, also where the database was restored from before it.</summary>
internal sealed partial class ErasureReplay(IServiceScopeFactory scopes, ErasureLedger ledger, ILogger<ErasureReplay> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var entries = ledger.Read();
        await ReplayAsync(entries, cancellationToken);
        await CompleteAsync(entries, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ReplayAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var again = 0;
        foreach (var entry in entries)
        {
            await using var scope = scopes.CreateAsyncScope();
            if (await scope.ServiceProvider.GetRequiredService<AccountEraser>().EraseAgainAsync(entry, cancellationToken)) again++;
        }

        if (again == 0) return;
        await using var last = scopes.CreateAsyncScope();
        await last.ServiceProvider.GetRequiredService<WriteAheadLog>().TruncateAsync(cancellationToken);
        Log.Replayed(logger, again);
    }

    /// <summary>Adds what another node has erased, or this one in the instant before it was killed.</summary>
    private async Task CompleteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var known = entries.Select(e => e.UserId).ToHashSet();
        await using var scope = scopes.CreateAsyncScope();
        var erasures = scope.ServiceProvider.GetRequiredService<AuthDb>().Erasures.AsNoTracking().OrderBy(e => e.RequestedAt).AsAsyncEnumerable();
        await foreach (var erasure in erasures.WithCancellation(cancellationToken))
            if (!known.Contains(erasure.UserId)) ledger.Append(new(erasure.RequestedAt, erasure.UserId, erasure.Id));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database was restored from before {Count} deletions, which have been done again")]
        public static partial void Replayed(ILogger logger, int count);
    }
}
