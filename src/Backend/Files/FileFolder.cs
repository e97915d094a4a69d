using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

/// <summary>The folder <c>files/</c> of the state: what is kept there, what is in progress, and what was fetched.</summary>
internal sealed class FileFolder(StateFolder state, ServiceIdentity identity)
{
    // A node's own: another node that starts must not take what is in progress here for left over.
    private readonly string _incoming = Path.Combine("files", "incoming", $"node-{identity.Node}");
    private readonly string _fetched = Path.Combine("files", "fetched", $"node-{identity.Node}");

    public string PathOf(string key) => state.PathOf(["files", .. key.Split('/')]);

    /// <summary>A name for work in progress, on the same volume as the rest; the caller deletes the file.</summary>
    public string NewIncomingPath() => state.PathOf(_incoming, $"{Guid.CreateVersion7()}.part");

    /// <summary>Where a copy of what lies elsewhere goes.</summary>
    public string FetchedPath(string key) => state.PathOf([_fetched, .. key.Split('/')]);

    /// <summary>Removes what an earlier process of this node left when it was killed, and the copies that it had fetched.</summary>
    public void Clear()
    {
        Delete(Path.Combine(state.Root, _incoming));
        Delete(Path.Combine(state.Root, _fetched));
    }

    public void EraseUser(Guid userId) => Delete(Path.Combine(state.Root, "files", userId.ToString()));

    /// <summary>Keys and times of what lies in owners' folders.</summary>
    public IEnumerable<(string Key, DateTimeOffset KeptAt)> All()
    {
        var root = new DirectoryInfo(Path.Combine(state.Root, "files"));
        if (!root.Exists) return [];
        return from owner in root.EnumerateDirectories()
               where Guid.TryParseExact(owner.Name, "D", out _)
               from file in owner.EnumerateFiles()
               select ($"{owner.Name}/{file.Name}", new DateTimeOffset(file.LastWriteTimeUtc));
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
