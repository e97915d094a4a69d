using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files.Contents.S3;

/// <summary>Copies of rows in the object storage, and of those that are still to be moved there, for the analysis reads local files only. Each is fetched
/// once, checked by its hash, and kept until the space is needed for another; never while somebody reads it.</summary>
internal sealed class FetchedRows(S3Bucket bucket, FileFolder folder, IOptions<S3Options> options, FileMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Copy> _copies = new(StringComparer.Ordinal);
    private long _clock;

    public async Task<LocalRows> OpenAsync(StoredContent content, CancellationToken cancellationToken)
    {
        var copy = Enter(content.Key);
        try
        {
            await copy.Turn.WaitAsync(cancellationToken);
            try
            {
                if (copy.Bytes == 0) copy.Bytes = await FetchAsync(content, copy.Path, cancellationToken);
            }
            finally
            {
                copy.Turn.Release();
            }

            return new LocalRows(copy.Path, () => Leave(copy));
        }
        catch
        {
            Leave(copy);
            throw;
        }
    }

    /// <summary>Lets copies go whose original does.</summary>
    public void Forget(Func<string, bool> isGone)
    {
        lock (_gate)
            foreach (var copy in _copies.Values.Where(copy => isGone(copy.Key)).ToList()) Drop(copy);
    }

    private Copy Enter(string key)
    {
        lock (_gate)
        {
            if (!_copies.TryGetValue(key, out var copy)) _copies[key] = copy = new Copy(key, folder.FetchedPath(key));
            copy.Readers++;
            return copy;
        }
    }

    private void Leave(Copy copy)
    {
        lock (_gate)
        {
            copy.Readers--;
            copy.LastUsed = ++_clock;
            if (copy.Bytes == 0 && copy.Readers == 0) _copies.Remove(copy.Key);
            if (copy is { IsGone: true, Readers: 0 }) File.Delete(copy.Path);
            MakeRoom(0);
        }
    }

    private void MakeRoom(long bytes)
    {
        lock (_gate)
        {
            var used = _copies.Values.Sum(copy => copy.Bytes) + bytes;
            foreach (var copy in _copies.Values.Where(copy => copy is { Readers: 0, Bytes: > 0 }).OrderBy(copy => copy.LastUsed).ToList())
            {
                if (used <= options.Value.CacheBytes) return;
                used -= copy.Bytes;
                Drop(copy);
            }
        }
    }

    private void Drop(Copy copy)
    {
        _copies.Remove(copy.Key);
        if (copy.Readers == 0) File.Delete(copy.Path);
        else copy.IsGone = true; // with its last reader
    }

    private async Task<long> FetchAsync(StoredContent content, string path, CancellationToken cancellationToken)
    {
        var movable = OpenMovable(folder.PathOf(content.Key));
        var (source, length) = movable ?? await bucket.GetAsync(content.Key, cancellationToken);
        await using var closing = source;
        MakeRoom(length);
        var part = folder.NewIncomingPath();
        try
        {
            var hash = await CopyAsync(source, part, cancellationToken);
            if (content.Sha256 is { } expected && hash != expected)
                throw new ContentDamagedException($"The object {content.Key} is not what was kept under this name.");
            File.Move(part, path, overwrite: true);
            if (movable is null) metrics.Fetched(length);
            return Math.Max(1, length);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !DiskFull.IsMeant(e) && e is not ContentAwayException)
        {
            throw new ContentAwayException($"The object storage broke off: {e.Message}", e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <returns>A file of the state folder that is not moved to the storage yet; it may be while it is read. Null where there is none.</returns>
    private static (Stream Content, long Bytes)? OpenMovable(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous);
            return (file, file.Length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static async Task<string> CopyAsync(Stream source, string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        var buffer = new byte[128 * 1024];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class Copy(string key, string path)
    {
        public string Key => key;

        public string Path => path;

        /// <summary>One fetches, the others wait for it.</summary>
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Readers { get; set; }

        /// <summary>0 until it is here.</summary>
        public long Bytes { get; set; }

        public long LastUsed { get; set; }

        public bool IsGone { get; set; }
    }
}
