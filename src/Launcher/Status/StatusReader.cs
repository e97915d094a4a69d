using System.Diagnostics;
using Throughline.Contracts.Discovery;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Status;

/// <summary>Looks at a stack from outside: its discovery records, and what the services say themselves.</summary>
internal static class StatusReader
{
    public static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    public static async Task<StackStatus> ReadAsync(StateDirectory state, TimeProvider time, CancellationToken cancellationToken)
    {
        using var probe = new ServiceProbe(state, time);
        var records = Services.SelectMany(s => DiscoveryFiles.Read(state.Root, s).Select((record, i) => (Name: i == 0 ? s : $"{s}.{i + 1}", record)));
        var services = await Task.WhenAll(records.Select(r => LookAsync(probe, r.Name, r.record, cancellationToken)));
        var launcher = StateLock.ReadRunning(state);
        var frontend = services.FirstOrDefault(s => s is { Name: "frontend", Health: not HealthStatus.Unhealthy });
        return new StackStatus(
            launcher is not null, state.Root, launcher?.Pid, frontend is null ? null : PublicOrigin.Of(state.Description, frontend.Address), services);
    }

    private static async Task<ServiceStatus> LookAsync(ServiceProbe probe, string name, DiscoveryRecord record, CancellationToken cancellationToken)
    {
        // Who does not answer for the record is not the service, however healthy it looks.
        var found = await probe.VerifyAsync(record, cancellationToken);
        if (found.Status == HealthStatus.Healthy)
            found = await probe.LookAsync(record, cancellationToken);
        return new ServiceStatus(name, found.Status, record.ApiUrl, record.Pid, record.Instance, record.Version, MemoryOf(record), found.Reason);
    }

    private static double? MemoryOf(DiscoveryRecord record)
    {
        if (!ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt))
            return null;
        try
        {
            using var process = Process.GetProcessById(record.Pid);
            return Math.Round(process.WorkingSet64 / 1048576.0, 1);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null; // ended meanwhile
        }
    }
}
