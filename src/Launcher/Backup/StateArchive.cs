using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Backup;

/// <summary>
/// A state folder as one file: a packed tar archive, whose last entry is a manifest with the SHA-256 of all others, so that one that was cut
/// off or changed is noticed. What is written under a running stack is consistent: a database is copied as of one moment, and usage files,
/// which are named by their content and never change, are taken both before and after it.
/// </summary>
internal static class StateArchive
{
    public const string Manifest = "manifest.json";
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What a run makes for itself, and the next one makes anew.</summary>
    private static readonly string[] NotKept = [DiscoveryFiles.Folder, "logs", "store", "launcher.lock", "launcher.json"];

    public static async Task<Written> WriteAsync(StateDirectory state, string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var draft = path + ".tmp";
        try
        {
            Written written;
            await using (var file = Create(draft))
            {
                await using (var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                await using (var tar = new TarWriter(packed, TarEntryFormat.Pax))
                {
                    var archive = new ArchiveWriter(tar);
                    foreach (var name in Files(state)) await archive.AddAsync(name, state.PathOf(name), cancellationToken);
                    // The backend's before auth's: put back, it follows auth's feed from where it stood.
                    foreach (var database in Directory.EnumerateFiles(state.Root, "*.db").OrderDescending(StringComparer.Ordinal))
                        await archive.AddDatabaseAsync(database, draft + ".db", cancellationToken);
                    foreach (var name in Files(state).Where(name => !archive.Has(name))) await archive.AddAsync(name, state.PathOf(name), cancellationToken);
                    await archive.FinishAsync(state.Description!.Issuer, time.GetUtcNow(), cancellationToken);
                    written = new(archive.Files, archive.Bytes);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
            return written;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Unpacks into an empty folder, and checks each file.</summary>
    /// <exception cref="InvalidDataException">The file is no backup, or not whole.</exception>
    public static async Task<ArchiveManifest> ReadAsync(string path, StateDirectory into, CancellationToken cancellationToken)
    {
        try
        {
            return await UnpackAllAsync(path, into, cancellationToken);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("it was cut off", e);
        }
    }

    private static async Task<ArchiveManifest> UnpackAllAsync(string path, StateDirectory into, CancellationToken cancellationToken)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        await using var tar = new TarReader(packed);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry.Name == Manifest) return await ReadManifestAsync(entry, hashes, cancellationToken);
            hashes[entry.Name] = await UnpackAsync(entry, into, cancellationToken);
        }

        throw new InvalidDataException("it was cut off");
    }

    private static async Task<ArchiveManifest> ReadManifestAsync(TarEntry entry, SortedDictionary<string, string> found, CancellationToken cancellationToken)
    {
        var manifest = entry.DataStream is null ? null : await JsonSerializer.DeserializeAsync(entry.DataStream, LauncherJson.Default.ArchiveManifest, cancellationToken);
        return manifest is { Version: 1 } && manifest.Files.SequenceEqual(found)
            ? manifest
            : throw new InvalidDataException("its files are not those that its manifest names");
    }

    /// <returns>The content's SHA-256.</returns>
    private static async Task<string> UnpackAsync(TarEntry entry, StateDirectory into, CancellationToken cancellationToken)
    {
        var target = Path.GetFullPath(into.PathOf(entry.Name));
        if (entry.EntryType != TarEntryType.RegularFile || !target.StartsWith(into.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"its entry '{entry.Name}' is none of a backup");
        StateDirectory.CreateFolder(Path.GetDirectoryName(target)!);
        await using var file = Create(target);
        if (entry.DataStream is { } content) await content.CopyToAsync(file, cancellationToken);
        file.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    /// <summary>Names with <c>/</c>, whatever the system.</summary>
    private static IEnumerable<string> Files(StateDirectory state) =>
        Directory.EnumerateFiles(state.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(state.Root, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(name => !NotKept.Contains(name.Split('/')[0]) && !IsDatabase(name) && Path.GetExtension(name) is not (".tmp" or ".part"))
            .Order(StringComparer.Ordinal);

    /// <summary>A database, what SQLite keeps beside it, and its copies from before a change of schema.</summary>
    private static bool IsDatabase(string name) =>
        !name.Contains('/', StringComparison.Ordinal) && (name.EndsWith(".db", StringComparison.Ordinal) || name.Contains(".db-", StringComparison.Ordinal) || name.Contains(".db.", StringComparison.Ordinal));

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}

/// <param name="Version">Of the archive's form.</param>
/// <param name="Files">SHA-256 by name, hexadecimal.</param>
internal sealed record ArchiveManifest(int Version, DateTimeOffset At, string Issuer, SortedDictionary<string, string> Files);

/// <param name="Bytes">Before packing.</param>
internal sealed record Written(int Files, long Bytes);
