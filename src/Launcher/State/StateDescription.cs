namespace Throughline.Launcher.State;

/// <summary><c>state.json</c>: written last at the first start, so that a folder with it is whole.</summary>
/// <param name="Version">Of the folder's layout.</param>
/// <param name="Issuer">The public origin, which stands in every token; the same whatever port the frontend gets, until an operator names another.</param>
internal sealed record StateDescription(int Version, string Issuer, DateTimeOffset CreatedAt);

/// <summary><c>launcher.json</c>: who runs this state now, or ran it last.</summary>
/// <param name="ProcessStartedAt">With the pid this means one process only; a pid alone may have been given to another.</param>
/// <param name="Redis">Host and port of the operator's own Redis, where there is no store among the children.</param>
internal sealed record RunningLauncher(
    int Pid, DateTimeOffset ProcessStartedAt, string PidNamespace, Guid Run, IReadOnlyList<RunningChild> Children, string? Redis = null);

internal sealed record RunningChild(string Name, int Pid, DateTimeOffset ProcessStartedAt);
