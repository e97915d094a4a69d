using System.Net.Sockets;
using Throughline.Backend.Runs;

namespace Throughline.Backend.Nodes;

/// <summary>
/// Notices that another node is gone, and takes over. A node whose port refuses connections has no process any more, so nobody has to wait
/// for the engine's missed probes, which are for nodes that hang. Once the engine holds a node for dead, its lease ends and its runs are
/// taken up.
/// </summary>
internal sealed partial class NodeWatch(
    IClusterMembershipService membership, ILocalSiloDetails self, NodeLease leases, RunRecovery recovery, TimeProvider time, ILogger<NodeWatch> logger) : BackgroundService
{
    private static readonly TimeSpan KnockEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KnockTimeout = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(FollowAsync(stoppingToken), KnockAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var dead = new HashSet<SiloAddress>();
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            var gone = snapshot.Members.Values.Where(node => node.Status == SiloStatus.Dead && dead.Add(node.SiloAddress)).ToList();
            foreach (var node in gone) await leases.EndAsync(node.SiloAddress, stoppingToken);
            if (gone.Count > 0) recovery.LookNow();
        }
    }

    private async Task KnockAsync(CancellationToken stoppingToken)
    {
        var refused = new HashSet<SiloAddress>();
        using var timer = new PeriodicTimer(KnockEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var others = membership.CurrentSnapshot.Members.Values.Where(node => node.Status == SiloStatus.Active && !node.SiloAddress.Equals(self.SiloAddress));
            foreach (var address in others.Select(node => node.SiloAddress))
            {
                if (!await RefusesAsync(address, stoppingToken)) refused.Remove(address);
                else if (!refused.Add(address)) await DeclareDeadAsync(address); // twice: once may be chance
            }
        }
    }

    private static async Task<bool> RefusesAsync(SiloAddress node, CancellationToken stoppingToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(KnockTimeout);
        try
        {
            await socket.ConnectAsync(node.Endpoint, limit.Token);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused; // else it may hang, or the way to it: the probes decide
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task DeclareDeadAsync(SiloAddress node)
    {
        try
        {
            if (await membership.TryKill(node)) Log.DeclaredDead(logger, node);
        }
        catch (Exception e)
        {
            // The membership table is away. The next knock tries again.
            Log.NotDeclared(logger, node, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Node {Node} refuses connections and is held for dead: its runs are taken over")]
        public static partial void DeclaredDead(ILogger logger, SiloAddress node);

        [LoggerMessage(2, LogLevel.Warning, "Node {Node} refuses connections, but could not be declared dead: {Reason}")]
        public static partial void NotDeclared(ILogger logger, SiloAddress node, string reason);
    }
}
