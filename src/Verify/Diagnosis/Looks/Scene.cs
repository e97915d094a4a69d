using System.Text.Json;
using Throughline.Contracts.Discovery;
using Throughline.Verify.Checks.Startup;

namespace Throughline.Verify.Looks;

/// <summary>The system that is looked at, and what is known of where its services are.</summary>
internal sealed class Scene(SystemUnderTest system, IReadOnlyList<Finding> findings)
{
    public static readonly string[] WebServices = ["auth", "backend", "frontend"];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceLook> _seen = [];

    public SystemUnderTest System => system;

    /// <summary>All that the launcher runs: the store is not among them where it is the operator's.</summary>
    public IReadOnlyList<string> Services { get; } = system.OperatorsRedis is null ? ["store", .. WebServices] : WebServices;

    /// <summary>The same, and further nodes by their own names, such as <c>backend.2</c>.</summary>
    public IEnumerable<string> Processes => Services.Concat(system.StateRoot is { } root ? StackProcesses.ChildrenOf(root).Select(c => c.Name).Where(name => name.Contains('.', StringComparison.Ordinal)) : []);

    public IReadOnlyList<Finding> Failed { get; } = [.. findings.Where(f => f.Verdict == Verdict.Failed)];

    public void Note(ServiceLook look)
    {
        lock (_gate) _seen[look.Service] = look;
    }

    /// <summary>Where the process itself answers; null where it does not.</summary>
    public Uri? DirectOf(string service)
    {
        lock (_gate) return _seen.GetValueOrDefault(service)?.DirectUrl is { } url ? new Uri(url) : null;
    }

    /// <summary>The address that clients are given, if it can be one at all.</summary>
    public Uri? GivenOf(string service) => system.RecordOf(service) is { } record && Uri.TryCreate(record.ApiUrl, UriKind.Absolute, out var url) ? url : null;

    public DiscoveryRecord? RecordOf(string service) => system.RecordOf(service);

    /// <summary>Pid and start of a service's process, and of the launcher itself (<c>launcher</c>), as the launcher noted them.</summary>
    public (int Pid, DateTimeOffset StartedAt)? Noted(string service)
    {
        try
        {
            var json = JsonElement.Parse(File.ReadAllBytes(Path.Combine(system.StateRoot!, "launcher.json")));
            var child = service == "launcher" ? json : json.Items("children").FirstOrDefault(c => c.FindText("name") == service);
            return child.ValueKind == JsonValueKind.Object ? ((int)child.Number("pid"), child.Member("processStartedAt").GetDateTimeOffset()) : null;
        }
        catch (Exception e) when (e is IOException or JsonException or Refutation or FormatException)
        {
            return null; // it does not run, or is just writing
        }
    }
}
