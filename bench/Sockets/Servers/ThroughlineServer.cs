using Throughline.Bench.Sockets.Peers;
using Throughline.Testing;

namespace Throughline.Bench.Sockets.Servers;

/// <summary>Store, auth and backend as the launcher starts them, each its own built program. The backend gets one thing more: a start-up hook, which publishes from inside.</summary>
internal static class ThroughlineServer
{
    /// <summary>One address and one user do here what a whole company does elsewhere.</summary>
    private static readonly Dictionary<string, string> Usual = new()
    {
        [Members.SecretSetting] = Members.Secret,
        ["Auth__Issuer"] = Members.Issuer,
        ["Gateway__SocketsPerUser"] = "100000",
    };

    public static async Task<BenchServer> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var state = new TestState("throughline-bench").WithSecrets();
        var store = await ServiceProcess.StartAsync("store", state, null, CancellationToken.None);
        var auth = await ServiceProcess.StartAsync("auth", state, Usual, CancellationToken.None);
        var (server, backend) = await StartBackendAsync(state, settings, [auth.Program.Pid, store.Program.Pid]);
        return server(async () =>
        {
            foreach (var service in (ServiceProcess[])[backend, auth, store]) await service.DisposeAsync();
            state.Dispose();
        });
    }

    /// <summary>Nodes on one database and one Redis. Their CPU time is that of the backends alone: what else runs is the same for any number.</summary>
    public static async Task<IReadOnlyList<BenchServer>> StartNodesAsync(int nodes, string database, string redis)
    {
        var shared = new Dictionary<string, string>(Usual)
        {
            ["Database__Provider"] = "postgres",
            ["Database__ConnectionString"] = database,
            ["Engine__Clustering"] = "redis",
            ["Orleans__ClusterId"] = $"bench{Guid.NewGuid():N}",
            ["Store__Address"] = redis,
            ["Store__Secret"] = "no-password",
        };
        var state = new TestState("throughline-bench").WithSecrets();
        var auth = await ServiceProcess.StartAsync("auth", state, new Dictionary<string, string>(Usual) { ["Store__Address"] = redis, ["Store__Secret"] = "no-password" }, CancellationToken.None);
        var servers = new List<BenchServer>();
        for (var node = 1; node <= nodes; node++)
        {
            var (server, backend) = await StartBackendAsync(state, new Dictionary<string, string>(shared) { ["Discovery__Node"] = $"{node}" }, []);
            var isLast = node == 1; // they are stopped in the order in which they were started, backwards
            servers.Add(server(async () =>
            {
                await backend.DisposeAsync();
                if (!isLast) return;
                await auth.DisposeAsync();
                state.Dispose();
            }));
        }

        return servers;
    }

    private static async Task<(Func<Func<ValueTask>, BenchServer> Server, ServiceProcess Backend)> StartBackendAsync(
        TestState state, IReadOnlyDictionary<string, string> settings, IReadOnlyList<int> beside)
    {
        var control = new ControlLine();
        var environment = new Dictionary<string, string>(Usual) { ["DOTNET_STARTUP_HOOKS"] = typeof(ThroughlineServer).Assembly.Location, [PeerControl.Setting] = control.Path };
        foreach (var (key, value) in settings) environment[key] = value;
        var backend = await ServiceProcess.StartAsync("backend", state, environment, CancellationToken.None);
        var url = await control.AcceptAsync();
        return (stop => new BenchServer("throughline", url, control, [backend.Program.Pid, .. beside], stop), backend);
    }
}
