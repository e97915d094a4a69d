using System.ComponentModel;
using System.Diagnostics;

namespace Throughline.Launcher.Up;

internal static class Browser
{
    /// <summary>Opens the address where a desktop is there to do it. Not being able to is no failure: the address stands on the screen.</summary>
    public static void Open(string url)
    {
        var program = OperatingSystem.IsMacOS() ? "open" : OperatingSystem.IsWindows() ? "explorer" : "xdg-open";
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("DISPLAY") is null && Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is null)
            return;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, [url]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            // This desktop has no such program.
        }
    }
}
