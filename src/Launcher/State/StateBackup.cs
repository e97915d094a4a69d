using System.Globalization;

namespace Throughline.Launcher.State;

/// <summary>A copy of the state beside it, made before a newer program changes it. The services migrate their own databases after that.</summary>
internal static class StateBackup
{
    /// <returns>The copy's path.</returns>
    public static string Make(string root, int version, TimeProvider time)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var target = $"{root.TrimEnd(Path.DirectorySeparatorChar)}.v{version}-{stamp}";
        Copy(new DirectoryInfo(root), target);
        Console.Error.WriteLine($"The state is of version {version}; a copy is kept in {target}.");
        return target;
    }

    private static void Copy(DirectoryInfo source, string target)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(target);
        else
            Directory.CreateDirectory(target, source.UnixFileMode);
        foreach (var file in source.EnumerateFiles().Where(f => f.Name != "launcher.lock"))
            file.CopyTo(Path.Combine(target, file.Name)); // keeps the mode
        foreach (var folder in source.EnumerateDirectories())
            Copy(folder, Path.Combine(target, folder.Name));
    }
}
