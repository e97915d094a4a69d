using System.Globalization;
using System.Runtime.InteropServices;
using Throughline.Launcher.Ports;
using Throughline.Launcher.Stack;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Doctor;

/// <summary>What the machine must have.</summary>
internal static class MachineChecks
{
    private const long DiskNeeded = 1L << 30;

    public static Finding Runtime() => Finding.Good("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}");

    public static IEnumerable<Finding> Programs()
    {
        foreach (var service in Status.StatusReader.Services)
        {
            Finding finding;
            try
            {
                finding = Finding.Good(service, ServiceSpec.Locate(service));
            }
            catch (LauncherException e)
            {
                finding = Finding.Bad(service, e.Message, e.Next, e.ExitCode);
            }

            yield return finding;
        }
    }

    public static Finding Disk(string path)
    {
        var existing = new DirectoryInfo(path);
        while (!existing.Exists && existing.Parent is { } parent)
            existing = parent;
        var free = new DriveInfo(existing.FullName).AvailableFreeSpace;
        var text = $"{(free / 1e9).ToString("0.0", CultureInfo.InvariantCulture)} GB free for {path}";
        return free >= DiskNeeded ? Finding.Good("disk", text) : Finding.Bad("disk", text, "Free at least 1 GB, or name another folder with --state.", ExitCode.Configuration);
    }

    /// <summary>A taken port is no fault: the launcher takes the next one. It is worth knowing all the same.</summary>
    public static IEnumerable<Finding> Ports(IReadOnlySet<int> own)
    {
        foreach (var port in StackPlan.PreferredPorts)
        {
            if (own.Contains(port))
                yield return Finding.Good($"port {port}", "held by the stack that runs on this state");
            else if (PortAllocator.IsFree(port))
                yield return Finding.Good($"port {port}", "free");
            else
                yield return Finding.Warning(
                    $"port {port}", $"held by {PortHolder.Find(port)?.ToString() ?? "another program"}", "The next free port will be taken. Stop that program if you want this very port.");
        }
    }
}
