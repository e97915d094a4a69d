using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Throughline.Launcher.Backup;

/// <summary>Adds files to an archive, and remembers what it added for the manifest that ends it.</summary>
internal sealed class ArchiveWriter(TarWriter tar)
{
    private const int SmallFile = 1024 * 1024;

    private readonly SortedDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    public int Files => _hashes.Count;

    public long Bytes { get; private set; }

    public bool Has(string name) => _hashes.ContainsKey(name);

    /// <summary>Adds a file, unless it has been deleted meanwhile.</summary>
    public async Task AddAsync(string name, string path, CancellationToken cancellationToken)
    {
        if (await OpenAsync(path, cancellationToken) is not { } content) return;
        await using (content)
        {
            _hashes[name] = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
            Bytes += content.Length;
            content.Position = 0;
            await WriteAsync(name, content, cancellationToken);
        }
    }

    /// <summary>Adds a database as of one moment, however many write to it.</summary>
    /// <param name="draft">Where it may lie on the way.</param>
    public async Task AddDatabaseAsync(string path, string draft, CancellationToken cancellationToken)
    {
        File.Delete(draft);
        try
        {
            // Read-write, because the first to open a database in WAL mode makes files beside it.
            await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString()))
            {
                await connection.OpenAsync(cancellationToken);
                await using var command = connection.CreateCommand();
                command.CommandText = "VACUUM INTO $draft";
                command.Parameters.AddWithValue("$draft", draft);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            await AddAsync(Path.GetFileName(path), draft, cancellationToken);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    public async Task FinishAsync(string issuer, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new ArchiveManifest(1, at, issuer, _hashes), LauncherJson.Default.ArchiveManifest);
        using var content = new MemoryStream(manifest);
        await WriteAsync(StateArchive.Manifest, content, cancellationToken);
    }

    private async Task WriteAsync(string name, Stream content, CancellationToken cancellationToken) =>
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = StateArchive.OwnerOnly }, cancellationToken);

    private static async Task<Stream?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 81920, useAsync: true);
            if (file.Length > SmallFile) return file; // usage data or the copy of a database: it does not change
            await using (file)
            {
                var now = new MemoryStream(); // what may grow while it is read
                await file.CopyToAsync(now, cancellationToken);
                now.Position = 0;
                return now;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
