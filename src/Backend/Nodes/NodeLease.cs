using System.Data.Common;
using Throughline.Backend.Database;
using Throughline.Backend.Runs;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Nodes;

/// <summary>This node's word that it is at work: one row for all its runs, renewed each second while it has any. Once the lease has run
/// out, or was given back, other nodes take the runs up. Time is the database's, which all nodes share.</summary>
/// <remarks>A lease spares work that would be done twice; it is not what keeps two writers apart. That is the fence of <see cref="Threads.LogAppender"/>.</remarks>
internal sealed partial class NodeLease(BackendDatabase database, RunsAtWork atWork, ServiceIdentity identity, ILocalSiloDetails silo, TimeProvider time, ILogger<NodeLease> logger) : BackgroundService
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    private readonly string _take =
        $"INSERT INTO nodes (node, silo, lease_until) VALUES (@node, @silo, {database.Now} + @length) ON CONFLICT (node) DO UPDATE SET lease_until=excluded.lease_until";

    public Guid Node => identity.Instance;

    /// <summary>Takes or renews the lease, in the transaction that says which run it is for.</summary>
    public Task TakeAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(_take, cancellationToken, ("node", Node), ("silo", silo.SiloAddress.ToParsableString()), ("length", (long)Length.TotalMilliseconds));

    /// <summary>Ends the lease of a node that is known to be dead.</summary>
    public Task EndAsync(SiloAddress dead, CancellationToken cancellationToken) =>
        TryAsync(connection => connection.ExecuteAsync("DELETE FROM nodes WHERE silo=@silo", cancellationToken, ("silo", dead.ToParsableString())), cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (!atWork.IsEmpty) await TryAsync(connection => TakeAsync(connection, stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>Gives the lease back, so that nobody waits for it to run out.</summary>
    /// <remarks>What has ended is not told of: a node that is never seen again leaves a row of 50 bytes, until the next that stops.</remarks>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(
            connection => connection.ExecuteAsync($"DELETE FROM nodes WHERE node=@node OR lease_until < {database.Now} - 60000", cancellationToken, ("node", Node)), cancellationToken);
    }

    private async Task TryAsync(Func<DbConnection, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync(write, cancellationToken);
        }
        catch (DbException e)
        {
            // Lost for longer than the lease, others take the runs up; here they fail at the fence.
            Log.NotRenewed(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The lease of this node's runs could not be written: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
