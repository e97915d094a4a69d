using System.Security.Cryptography;
using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.State;

/// <summary>The one folder that holds everything a stack keeps. Opening it checks it, and makes it at the first start.</summary>
internal sealed class StateDirectory
{
    public const int CurrentVersion = 2;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public static readonly string[] SecretNames = ["store-password", "client-backend", "client-frontend", "client-operator", "admin-password"];

    /// <summary>Secrets that version 2 brought; a state of version 1 gets them as it is brought up to date.</summary>
    private static readonly string[] NewSecrets = ["client-operator", "admin-password"];

    private static readonly string[] Folders = [DiscoveryFiles.Folder, "secrets", "logs", "files", "keys", "store", "mail", ServiceSettings.Folder];

    private StateDirectory(string root) => Root = root;

    public string Root { get; }

    /// <summary>Null before the first start has come that far.</summary>
    public StateDescription? Description { get; private set; }

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>For reading only: nothing is made or checked.</summary>
    public static StateDirectory At(string path) => new(Path.GetFullPath(path));

    /// <summary>As <see cref="At"/>, with its description where it has one.</summary>
    public static StateDirectory Read(string path)
    {
        var state = At(path);
        state.Description = state.ReadDescription();
        return state;
    }

    /// <summary>Makes the folder, or checks that it is ours, private, and of a version that this program knows.</summary>
    public static StateDirectory Open(string path, TimeProvider time)
    {
        var state = At(path);
        if (!Directory.Exists(state.Root))
            CreateFolder(state.Root);
        state.CheckAccess();
        state.Description = state.ReadDescription();
        if (state.Description is null)
            state.CheckUnused();
        else
        {
            state.CheckWhole(time);
            state.MakeFolders(); // a restored state has none of those that hold what only one run needs
        }

        return state;
    }

    /// <summary>What the first start makes: folders, secrets, and last the description that declares the folder whole.</summary>
    public StateDescription Complete(string issuer, TimeProvider time)
    {
        MakeFolders();
        if (Description is null)
        {
            MakeSecrets(SecretNames);
            Save(new StateDescription(CurrentVersion, issuer, time.GetUtcNow()));
        }

        return Description!;
    }

    /// <summary>People reach it under another address from now on.</summary>
    public void ChangeIssuer(string issuer) => Save(Description! with { Issuer = issuer });

    public static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerReads;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    /// <returns>What is wrong with the folder's access rights, or null.</returns>
    public static string? AccessFault(string path) => ServiceDefaults.OwnerOnly.FaultOf(path);

    private void CheckAccess()
    {
        if (AccessFault(Root) is { } fault)
            throw new LauncherException(ExitCode.Configuration, $"The state folder {Root} is not private: {fault}.", $"Run: chmod 700 '{Root}'");
        var probe = PathOf($".write-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LauncherException(
                ExitCode.Configuration, $"The state folder {Root} cannot be written: {e.Message}", "Choose a folder of your own with --state, or give it to this user.");
        }
    }

    private StateDescription? ReadDescription()
    {
        var path = PathOf("state.json");
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LauncherJson.Default.StateDescription);
        }
        catch (JsonException e)
        {
            throw new LauncherException(ExitCode.Configuration, $"{path} is damaged: {e.Message}", "Restore it from a backup, or start with a new --state folder.");
        }
    }

    private void CheckUnused()
    {
        var stranger = Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName)
            .FirstOrDefault(name => !Folders.Contains(name) && name is not ("launcher.lock" or "launcher.json"));
        if (stranger is not null)
            throw new LauncherException(
                ExitCode.Configuration, $"{Root} is not a state folder of Throughline: it holds {stranger}, but no state.json.", "Name an empty or a new folder with --state.");
    }

    private void CheckWhole(TimeProvider time)
    {
        var description = Description!;
        if (description.Version > CurrentVersion)
            throw new LauncherException(
                ExitCode.Configuration,
                $"The state in {Root} was written by a newer Throughline (version {description.Version}; this program knows {CurrentVersion}).",
                "Update this program, or use another --state folder.");
        if (description.Version < CurrentVersion)
        {
            StateBackup.Make(Root, description.Version, time);
            MakeSecrets(NewSecrets);
            Save(description with { Version = CurrentVersion });
        }

        foreach (var secret in SecretNames)
            if (!File.Exists(PathOf("secrets", secret)))
                throw new LauncherException(
                    ExitCode.Configuration, $"The secret {PathOf("secrets", secret)} is missing.", "Restore it from a backup, or start with a new --state folder.");
    }

    private void MakeFolders()
    {
        foreach (var folder in Folders)
            CreateFolder(PathOf(folder));
    }

    /// <summary>Makes the secrets that are not there yet.</summary>
    private void MakeSecrets(IEnumerable<string> names)
    {
        foreach (var path in names.Select(name => PathOf("secrets", name)).Where(path => !File.Exists(path)))
            WritePrivate(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    }

    private void Save(StateDescription description)
    {
        var path = PathOf("state.json");
        WritePrivate(path + ".tmp", JsonSerializer.Serialize(description, LauncherJson.Default.StateDescription));
        File.Move(path + ".tmp", path, overwrite: true);
        Description = description;
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly);
    }
}
