using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Nodes;

/// <summary>The Orleans silo inside this process. Configuration: <c>Orleans:SiloPort</c>, <c>Engine:Clustering</c> (<c>redis</c> for several nodes; Orleans reads its own meaning into a key of that name under <c>Orleans</c>).</summary>
internal static class Engine
{
    private const int FirstPort = 20_000;
    private const int LastPort = 32_767; // above, ports collide with outgoing connections

    /// <summary>Whether further nodes may share the database and the store.</summary>
    public static bool HasOtherNodes(IConfiguration configuration) => configuration["Engine:Clustering"] == "redis";

    public static void AddEngine(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        // At each start the one takes the machine's uptime for a delay of its own, and the other asks for a collector that is meant for larger machines.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error).AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        var siloPort = configuration.GetValue<int?>("Orleans:SiloPort") is > 0 and var fixedPort ? fixedPort : FreePort();
        builder.UseOrleans(silo =>
        {
            // All callers live in a silo: nobody needs the gateway for outside clients.
            if (HasOtherNodes(configuration))
            {
                silo.ConfigureEndpoints(IPAddress.Parse(configuration["Orleans:Address"] ?? "127.0.0.1"), siloPort, gatewayPort: 0);
                silo.UseRedisClustering(RedisAddress(configuration));
            }
            else
            {
                silo.UseLocalhostClustering(siloPort, gatewayPort: 0);
            }

            silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = ("throughline", configuration["Orleans:ClusterId"] ?? "throughline"));
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                // For a node that hangs; one that is gone is found by NodeWatch.
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 3;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            });
            silo.Configure<GrainCollectionOptions>(grains => grains.CollectionAge = TimeSpan.FromMinutes(5));
        });
    }

    private static string RedisAddress(ConfigurationManager configuration)
    {
        var address = configuration["Store:Address"]
            ?? throw new StartupException(ExitCode.Configuration, "Store:Address is missing: Engine:Clustering=redis needs a Redis that all nodes share.");
        var secret = Path.Combine(configuration["State:Directory"] ?? "", "secrets", configuration["Store:Secret"] ?? "store-password");
        return File.Exists(secret) && File.ReadAllText(secret).Trim() is { Length: > 0 } password ? $"{address},password={password}" : address;
    }

    private static int FreePort()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = Random.Shared.Next(FirstPort, LastPort);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new StartupException(ExitCode.Port, $"No port between {FirstPort} and {LastPort} is free for Orleans.");
    }
}
