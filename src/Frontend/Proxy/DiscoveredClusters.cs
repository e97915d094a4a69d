using Microsoft.Extensions.Primitives;
using Throughline.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace Throughline.Frontend.Proxy;

/// <summary>Where requests go, as the service directory says. Nodes that come, go or move are followed within a second.</summary>
internal sealed partial class DiscoveredClusters(IServiceDirectory directory, TimeProvider time, ILogger<DiscoveredClusters> logger)
    : BackgroundService, IProxyConfigProvider
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    // A run may think for long between two events of an SSE answer, and a socket's heartbeat is the client's affair: this only
    // ends exchanges that both sides have forgotten.
    private static readonly ForwarderRequestConfig Patience = new() { ActivityTimeout = TimeSpan.FromHours(1) };

    private readonly Dictionary<string, IReadOnlyList<string>> _addresses = [];
    private Snapshot _current = new([]);

    public IProxyConfig GetConfig() => Volatile.Read(ref _current);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var hasChanged = false;
        foreach (var service in ProxyRoutes.Services)
        {
            var nodes = await directory.FindAllAsync(service, cancellationToken);
            IReadOnlyList<string> addresses = [.. nodes.Select(node => node.ApiUrl).Order(StringComparer.Ordinal)];
            if (_addresses.TryGetValue(service, out var before) && before.SequenceEqual(addresses))
                continue;
            _addresses[service] = addresses;
            hasChanged = true;
            Log.Moved(logger, service, addresses.Count == 0 ? "nowhere" : string.Join(" and ", addresses));
        }

        if (!hasChanged)
            return;
        var old = Interlocked.Exchange(ref _current, new Snapshot([.. _addresses.Select(service => Cluster(service.Key, service.Value))]));
        old.Outdate();
    }

    private static ClusterConfig Cluster(string service, IReadOnlyList<string> addresses) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = LoadBalancingPolicies.LeastRequests,
        HttpRequest = Patience,
        Destinations = addresses.ToDictionary(address => address, address => new DestinationConfig { Address = address }),
    };

    private sealed class Snapshot(IReadOnlyList<ClusterConfig> clusters) : IProxyConfig
    {
        private readonly ConfigurationReloadToken _outdated = new();

        public IReadOnlyList<RouteConfig> Routes => ProxyRoutes.All;

        public IReadOnlyList<ClusterConfig> Clusters => clusters;

        public IChangeToken ChangeToken => _outdated;

        public void Outdate() => _outdated.OnReload();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Requests for {Service} go to {Addresses}")]
        public static partial void Moved(ILogger logger, string service, string addresses);
    }
}
