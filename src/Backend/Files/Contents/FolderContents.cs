using System.Runtime.CompilerServices;
using Throughline.Analysis.Import;

namespace Throughline.Backend.Files.Contents;

/// <summary>Rows in the state folder: <c>files/&lt;owner&gt;/&lt;name&gt;.parquet</c>.</summary>
internal sealed class FolderContents(FileFolder folder) : IFileContents
{
    public Task PutAsync(StoredContent content, string path, CancellationToken cancellationToken)
    {
        File.Move(path, folder.PathOf(content.Key));
        return Task.CompletedTask;
    }

    public Task<LocalRows> OpenAsync(StoredContent content, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(content.Key);
        return File.Exists(path) ? Task.FromResult(new LocalRows(path)) : Task.FromException<LocalRows>(MissingRows.At(path));
    }

    public Task DeleteAsync(StoredContent content, CancellationToken cancellationToken)
    {
        File.Delete(folder.PathOf(content.Key));
        return Task.CompletedTask;
    }

    public Task EraseAsync(Guid owner, CancellationToken cancellationToken)
    {
        folder.EraseUser(owner);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ListedContent> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, at) in folder.All())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (StoredContent.Read(key) is { } content) yield return new(content, at);
        }
    }
}
