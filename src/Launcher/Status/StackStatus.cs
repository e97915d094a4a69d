namespace Throughline.Launcher.Status;

/// <summary>What <c>status --json</c> prints.</summary>
/// <param name="Url">The public origin.</param>
internal sealed record StackStatus(bool IsRunning, string State, int? LauncherPid, string? Url, IReadOnlyList<ServiceStatus> Services);

/// <param name="Health"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Detail">Why it is not healthy.</param>
internal sealed record ServiceStatus(
    string Name, string Health, string Address, int Pid, Guid Instance, string Version, double? MemoryMb, string? Detail);
