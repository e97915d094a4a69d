using Microsoft.Extensions.Configuration;

namespace Throughline.ServiceDefaults;

/// <summary>The run's state folder (<c>State:Directory</c>): databases, secrets, discovery, files, logs.</summary>
public sealed class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal StateFolder(IConfiguration configuration)
    {
        var root = configuration["State:Directory"];
        if (string.IsNullOrWhiteSpace(root) || !Path.IsPathFullyQualified(root))
            throw new StartupException(ExitCode.Configuration, $"State:Directory is '{root}'; it must be the absolute path of the state folder.");
        if (!Directory.Exists(root))
            throw new StartupException(ExitCode.Configuration, $"State:Directory is '{root}'; there is no such folder.");
        Root = root;
    }

    /// <summary>A folder that is there, for a look that no running service has to do with.</summary>
    public StateFolder(string root) => Root = root;

    public string Root { get; }

    /// <summary>A path inside the folder; the folders on the way are made, for the owner only.</summary>
    public string PathOf(params string[] parts)
    {
        var path = Path.Combine([Root, .. parts]);
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly);
        return path;
    }

    /// <summary>Reads <c>secrets/&lt;name&gt;</c>, which the launcher makes before it starts anything.</summary>
    /// <exception cref="StartupException">There is no such secret; exit code 2, naming the file.</exception>
    public string ReadSecret(string name) =>
        TryReadSecret(name) ?? throw new StartupException(
            ExitCode.Configuration, $"The secret {Path.Combine(Root, "secrets", name)} is missing; restore it, or start with a new state folder.");

    /// <summary>Reads a secret that need not be there.</summary>
    public string? TryReadSecret(string name)
    {
        var path = Path.Combine(Root, "secrets", name);
        if (!File.Exists(path))
            return null;
        var text = File.ReadAllText(path).Trim();
        return text.Length > 0 ? text : null;
    }
}
