using Throughline.Bench.Sockets.Peers;

#pragma warning disable CA1050 // .NET looks for exactly this name.
/// <summary>What <c>DOTNET_STARTUP_HOOKS</c> runs in the backend's process before its own <c>Main</c>.</summary>
internal static class StartupHook
{
    public static void Initialize() => HostCatcher.Catch(ThroughlinePeer.Attach);
}
