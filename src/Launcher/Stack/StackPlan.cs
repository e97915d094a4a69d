using Throughline.Launcher.Ports;
using Throughline.Launcher.State;
using Throughline.Launcher.Verify;

namespace Throughline.Launcher.Stack;

/// <summary>Which processes a stack has, in start order, and what each is told.</summary>
internal static class StackPlan
{
    private const int StorePort = 6380;
    private const int AuthPort = 8001;
    private const int BackendPort = 8000;
    public const int FrontendPort = 3000;

    public static IReadOnlyList<int> PreferredPorts { get; } = [FrontendPort, BackendPort, AuthPort, StorePort];

    public static IReadOnlyList<ServiceSpec> Of(StackOptions options, StateDirectory state, Guid run, PortAllocator ports, int frontendPort)
    {
        var common = Common(options, state, run);
        var plan = new List<ServiceSpec>();
        var store = options.Redis is { } redis ? ExternalRedis.AddressOf(redis) : null;
        if (store is null)
        {
            plan.Add(Spec("store", 1, ports.Take(StorePort), common));
            store = $"127.0.0.1:{plan[0].Port}";
        }

        plan.Add(Spec("auth", 1, ports.Take(AuthPort), common, Database(options, "auth"), Verifier()));
        for (var node = 1; node <= options.Nodes; node++)
        {
            // Further nodes like the ports behind the ones that the protocol names.
            var port = ports.Take(node == 1 ? BackendPort : AuthPort + node - 1);
            plan.Add(Spec("backend", node, port, common, Database(options, "backend"), Orleans(options, ports, run, store)));
        }

        plan.Add(Spec("frontend", 1, frontendPort, common));
        return plan;
    }

    /// <summary>What the launcher adds to the environment of a service, but for run and ports, by configuration key.</summary>
    public static Dictionary<string, string?> ToldTo(string service, StackOptions options, StateDirectory state)
    {
        var told = Common(options, state, Guid.Empty);
        if (service == "auth")
            foreach (var (key, value) in Verifier()) told[key] = value;
        if (service is "auth" or "backend")
            foreach (var (key, value) in Database(options, service)) told[key] = value;
        return told.ToDictionary(t => t.Key.Replace("__", ":", StringComparison.Ordinal), t => (string?)t.Value);
    }

    private static Dictionary<string, string> Common(StackOptions options, StateDirectory state, Guid run)
    {
        var common = new Dictionary<string, string>
        {
            ["State__Directory"] = state.Root,
            ["State__Run"] = run.ToString(),
            ["Auth__Issuer"] = state.Description?.Issuer ?? $"http://localhost:{FrontendPort}",
            ["Launcher__Lifeline"] = "stdin",
            // Nobody edits appsettings under a running stack, and the watchers cost start-up time.
            ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false",
        };
        if (options.Redis is { } redis)
        {
            common["Store__Address"] = ExternalRedis.AddressOf(redis);
            common["Store__Secret"] = ExternalRedis.Secret;
        }

        return common;
    }

    private static Dictionary<string, string> Database(StackOptions options, string service) =>
        options.Postgres is { } postgres
            ? new() { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = ExternalPostgres.ConnectionStringFor(postgres, service) }
            : new() { ["Database__Provider"] = "sqlite" };

    /// <summary>How this program is started, for the Proof page that runs verify.</summary>
    private static Dictionary<string, string> Verifier()
    {
        var self = VerifyCommand.Self();
        var told = new Dictionary<string, string> { ["Proof__Program"] = self.FileName };
        if (self.Arguments is [var assembly]) told["Proof__Assembly"] = assembly;
        return told;
    }

    private static Dictionary<string, string> Orleans(StackOptions options, PortAllocator ports, Guid run, string storeAddress)
    {
        var orleans = new Dictionary<string, string> { ["Orleans__SiloPort"] = $"{ports.TakeInner()}", ["Orleans__ClusterId"] = $"throughline-{run:N}" };
        if (options.Nodes > 1)
        {
            // Several nodes find each other through the store, whose address must then be known before it has published it.
            orleans["Engine__Clustering"] = "redis";
            if (options.Redis is null) orleans["Store__Address"] = storeAddress;
        }

        return orleans;
    }

    private static ServiceSpec Spec(string service, int node, int port, params Dictionary<string, string>[] environments)
    {
        var environment = environments.SelectMany(e => e).ToDictionary(e => e.Key, e => e.Value);
        environment["Discovery__Node"] = $"{node}";
        return new ServiceSpec(node == 1 ? service : $"{service}.{node}", service, node, ServiceSpec.Locate(service), port, environment);
    }
}
