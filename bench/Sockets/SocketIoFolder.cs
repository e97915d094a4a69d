using System.ComponentModel;
using System.Diagnostics;

namespace Throughline.Bench.Sockets;

/// <summary>Socket.IO from npm, in a folder of the machine's temporary ones, fetched once.</summary>
internal static class SocketIoFolder
{
    private const string Package = "socket.io@4.8";

    /// <returns>What NODE_PATH must name; null where the machine has no node, or npm no network.</returns>
    public static async Task<string?> FindAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "throughline-bench-socketio");
        var modules = Path.Combine(folder, "node_modules");
        if (Directory.Exists(Path.Combine(modules, "socket.io"))) return modules;
        Directory.CreateDirectory(folder);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, Package]) { RedirectStandardOutput = true })!;
            await npm.WaitForExitAsync();
            return npm.ExitCode == 0 ? modules : null;
        }
        catch (Win32Exception)
        {
            return null; // there is no npm
        }
    }
}
