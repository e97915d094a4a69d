using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Throughline.Verify;

/// <summary>The operating system's word on who listens where. Linux only; elsewhere it is not known.</summary>
internal static class ListeningSockets
{
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    private const string Listening = "0A"; // TCP_LISTEN in include/net/tcp_states.h

    /// <returns>The ports on which the process listens; null where that cannot be seen.</returns>
    public static IReadOnlyList<int>? Of(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var own = InodesOf(pid);
            return [.. Listeners().Where(l => own.Contains(l.Inode)).Select(l => l.Port).Distinct().Order()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone, or another user's
        }
    }

    /// <returns>Pid and name of who listens on the port; null where nobody does, or it cannot be seen.</returns>
    public static (int Pid, string Name)? HolderOf(int port) =>
        OperatingSystem.IsLinux() ? HolderOf(Listeners().Where(l => l.Port == port).Select(l => l.Inode).ToHashSet()) : null;

    /// <returns>Who gets a connection to this very address: who is bound to it, else who is bound to all.</returns>
    public static (int Pid, string Name)? HolderOf(IPAddress address, int port)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var there = Listeners().Where(l => l.Port == port).ToList();
        return HolderOf(there.Where(l => l.Address.Equals(address)).Select(l => l.Inode).ToHashSet())
            ?? HolderOf(there.Where(l => l.Address.Equals(IPAddress.Any) || l.Address.Equals(IPAddress.IPv6Any)).Select(l => l.Inode).ToHashSet());
    }

    /// <returns>How many connections to this very address wait for the program to take them.</returns>
    public static int WaitingAt(IPAddress address, int port) =>
        OperatingSystem.IsLinux() ? Listeners().Where(l => l.Port == port && (l.Address.Equals(address) || l.Address.Equals(IPAddress.Any) || l.Address.Equals(IPAddress.IPv6Any))).Sum(l => l.Waiting) : 0;

    private static (int Pid, string Name)? HolderOf(HashSet<string> wanted)
    {
        if (wanted.Count == 0) return null;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                if (!InodesOf(pid).Overlaps(wanted)) continue;
                using var process = Process.GetProcessById(pid);
                return (pid, process.ProcessName);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // Another user's, or ended meanwhile.
            }
        }

        return null;
    }

    private static HashSet<string> InodesOf(int pid) =>
        [.. Directory.EnumerateFiles($"/proc/{pid}/fd").Select(fd => new FileInfo(fd).LinkTarget).OfType<string>()
            .Where(link => link.StartsWith("socket:[", StringComparison.Ordinal)).Select(link => link["socket:[".Length..^1])];

    /// <remarks>
    /// Lines look like <c>0: 0100007F:1F40 00000000:0000 0A 00000000:00000002 00:00000000 00000000 0 0 12345 …</c>: behind the state stand bytes to send and to
    /// read, which for a listening socket is how many connections wait (<c>sk_ack_backlog</c> in net/ipv4/tcp_ipv4.c).
    /// </remarks>
    private static IEnumerable<(IPAddress Address, int Port, int Waiting, string Inode)> Listeners() =>
        Tables.Where(File.Exists).SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > 9 && f[3] == Listening)
            .Select(f => (AddressOf(f[1][..f[1].LastIndexOf(':')]), NumberBehind(f[1]), NumberBehind(f[4]), f[9]));

    private static int NumberBehind(string pair) => int.Parse(pair.AsSpan(pair.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <remarks>Words of four bytes in the machine's order: <c>0100007F</c> is 127.0.0.1 where the lowest byte comes first.</remarks>
    private static IPAddress AddressOf(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
            for (var word = 0; word < bytes.Length; word += 4) bytes.AsSpan(word, 4).Reverse();
        return new IPAddress(bytes);
    }
}
