using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

/// <summary>Where imported files lie: <c>files/&lt;owner&gt;/&lt;SHA-256 of the upload&gt;.parquet</c>. Content is never shared between
/// owners, so that neither time nor space tells one what another has.</summary>
internal sealed class FileFolder(StateFolder state, ServiceIdentity identity)
{
    // A node's own: another node that starts must not take what is in progress here for left over.
    private readonly string _incoming = Path.Combine("files", "incoming", $"node-{identity.Node}");

    public string ParquetPath(Guid userId, string sha256) => state.PathOf("files", userId.ToString(), $"{sha256}.parquet");

    /// <summary>A name for work in progress, on the same volume as the rest; the caller deletes the file.</summary>
    public string NewIncomingPath() => state.PathOf(_incoming, $"{Guid.CreateVersion7()}.part");

    /// <summary>Removes what an earlier process of this node left when it was killed.</summary>
    public void ClearIncoming() => Delete(Path.Combine(state.Root, _incoming));

    public void EraseUser(Guid userId) => Delete(Path.Combine(state.Root, "files", userId.ToString()));

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
