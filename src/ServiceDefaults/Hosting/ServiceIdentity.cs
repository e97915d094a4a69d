using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Throughline.ServiceDefaults;

/// <summary>Who this process is: made once at start, told to everyone by <c>/health/live</c>, the discovery record and each response.</summary>
public sealed class ServiceIdentity
{
    internal ServiceIdentity(string service, IConfiguration configuration)
    {
        Service = service;
        Node = configuration.GetValue("Discovery:Node", 1);
        if (Node < 1)
            throw new StartupException(ServiceDefaults.ExitCode.Configuration, $"Discovery:Node is {Node}; nodes are numbered from 1.");
        var run = configuration["State:Run"];
        Run = run is null
            ? Guid.CreateVersion7()
            : Guid.TryParse(run, out var id)
                ? id
                : throw new StartupException(ServiceDefaults.ExitCode.Configuration, $"State:Run is '{run}'; it must be a UUID.");
    }

    /// <summary><c>store</c>, <c>auth</c>, <c>backend</c> or <c>frontend</c>.</summary>
    public string Service { get; }

    /// <summary>1 for the first node of a service; further backend nodes count up.</summary>
    public int Node { get; }

    /// <summary>UUIDv7 of this start.</summary>
    public Guid Instance { get; } = Guid.CreateVersion7();

    /// <summary>UUIDv7 of the launcher's run.</summary>
    public Guid Run { get; }

    public string Version { get; } = ReadVersion();

    public int Pid { get; } = Environment.ProcessId;

    /// <summary>Where the service takes WebSockets (protocol §1); null for those that take none.</summary>
    internal string? WebSocketPath => Service is "backend" or "frontend" ? "/ws" : null;

    private static string ReadVersion() =>
        typeof(ServiceIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion.Split('+')[0] ?? "0.0.0";
}
