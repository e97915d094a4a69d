using System.Runtime.CompilerServices;

namespace Throughline.Backend.Files.Contents.S3;

/// <summary>Rows in an object storage, and those in the state folder that are not moved there yet.</summary>
internal sealed class S3Contents(S3Bucket bucket, FetchedRows fetched, FileFolder folder) : IFileContents
{
    private readonly FolderContents _before = new(folder);

    public Task PutAsync(StoredContent content, string path, CancellationToken cancellationToken) => bucket.PutAsync(content.Key, path, cancellationToken);

    public Task<LocalRows> OpenAsync(StoredContent content, CancellationToken cancellationToken) => fetched.OpenAsync(content, cancellationToken);

    public async Task DeleteAsync(StoredContent content, CancellationToken cancellationToken)
    {
        await _before.DeleteAsync(content, cancellationToken);
        fetched.Forget(key => key == content.Key);
        await bucket.DeleteAsync(content.Key, cancellationToken);
    }

    public async Task EraseAsync(Guid owner, CancellationToken cancellationToken)
    {
        await _before.EraseAsync(owner, cancellationToken);
        var prefix = $"{owner:D}/";
        fetched.Forget(key => key.StartsWith(prefix, StringComparison.Ordinal));
        await foreach (var (key, _) in bucket.ListAsync(prefix, cancellationToken)) await bucket.DeleteAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<ListedContent> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var listed in _before.ListAsync(cancellationToken)) yield return listed;
        await foreach (var (key, at) in bucket.ListAsync("", cancellationToken))
            if (StoredContent.Read(key) is { } content) yield return new(content, at);
    }
}
