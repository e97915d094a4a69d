using System.Data.Common;
using Throughline.Backend.Database;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Files.Contents.S3;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Breakers;

/// <summary>
/// Tries what is away, so that <c>recovered</c> does not wait for somebody to ask: a breaker closes by a call, and without users there is none. The
/// feed of auth tries by itself; the model is tried by the next answer, because a call may cost money.
/// </summary>
internal sealed class BreakerTrials(DependencyBreakers breakers, KeyValueStore store, BackendDatabase database, S3Bucket objects, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                foreach (var breaker in breakers.States)
                    if (breaker.State != "closed") await TryAsync(breaker.Dependency, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task TryAsync(string dependency, CancellationToken cancellationToken)
    {
        try
        {
            if (dependency == "store")
                await breakers.Store.ExecuteAsync(async stop => await (await store.ConnectAsync(stop)).PingAsync().WaitAsync(stop), cancellationToken);
            else if (dependency == "object storage")
                await objects.PingAsync(cancellationToken);
            else if (dependency == "database")
                await database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT 1", cancellationToken), cancellationToken);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e) || e is DbException or ContentAwayException)
        {
            // Still away.
        }
    }
}
