using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Throughline.Launcher.Ports;

/// <summary>Who listens on a port of this machine.</summary>
internal sealed record PortHolder(int Pid, string Program)
{
    private const string Listening = "0A"; // TCP_LISTEN in include/net/tcp_states.h

    public override string ToString() => $"process {Pid} ({Program})";

    /// <returns>Null where it cannot be found out, for instance because it is another user's process.</returns>
    public static PortHolder? Find(int port) => OperatingSystem.IsLinux() ? FindByProc(port)
        : OperatingSystem.IsWindows() ? FindByNetstat(port)
        : FindByLsof(port);

    private static PortHolder? FindByProc(int port)
    {
        var sockets = ListeningInodes("/proc/net/tcp", port).Concat(ListeningInodes("/proc/net/tcp6", port)).Select(i => $"socket:[{i}]").ToHashSet();
        if (sockets.Count == 0)
            return null;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                if (Directory.EnumerateFiles($"{folder}/fd").Any(fd => sockets.Contains(new FileInfo(fd).LinkTarget ?? "")))
                    return Named(pid);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // Another user's process, or one that ended meanwhile.
            }
        }

        return null;
    }

    /// <remarks>Lines look like <c>0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 …</c></remarks>
    private static IEnumerable<string> ListeningInodes(string table, int port)
    {
        if (!File.Exists(table))
            return [];
        var suffix = $":{port:X4}";
        return File.ReadLines(table).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > 9 && f[1].EndsWith(suffix, StringComparison.Ordinal) && f[3] == Listening)
            .Select(f => f[9]);
    }

    private static PortHolder? FindByLsof(int port) =>
        Read("lsof", "-nP", $"-iTCP:{port}", "-sTCP:LISTEN", "-Fp")
            .Where(line => line.StartsWith('p'))
            .Select(line => int.TryParse(line.AsSpan(1), out var pid) ? Named(pid) : null)
            .FirstOrDefault();

    private static PortHolder? FindByNetstat(int port) =>
        Read("netstat", "-ano", "-p", "TCP")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length >= 5 && f[1].EndsWith($":{port}", StringComparison.Ordinal) && f[3] == "LISTENING")
            .Select(f => int.TryParse(f[^1], out var pid) ? Named(pid) : null)
            .FirstOrDefault();

    private static PortHolder? Named(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return new PortHolder(pid, process.ProcessName);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null; // ended meanwhile
        }
    }

    private static string[] Read(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            return process?.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries) ?? [];
        }
        catch (Win32Exception)
        {
            return []; // this machine lacks the program
        }
    }
}
