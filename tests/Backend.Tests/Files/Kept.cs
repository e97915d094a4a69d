using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Throughline.Backend.Breakers;
using Throughline.Backend.Files;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Files.Contents.S3;
using Throughline.ServiceDefaults;
using Throughline.Testing;
using Throughline.Testing.ObjectStorage;

namespace Throughline.Backend.Tests.Files;

/// <summary>One of the two ways to keep rows, on a folder and a storage of its own.</summary>
internal sealed class Kept : IAsyncDisposable
{
    private readonly TestState _state = new();
    private readonly WebApplication _app;

    public Kept(bool isS3, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["State:Directory"] = _state.Root;
        if (isS3)
            foreach (var (key, value) in Storage.Settings) builder.Configuration[key.Replace("__", ":", StringComparison.Ordinal)] = value;
        (builder.Configuration["Files:S3:CacheBytes"], builder.Configuration["Files:S3:PartBytes"]) = ($"{64 << 20}", $"{5 << 20}");
        builder.AddServiceDefaults("backend");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new DependencyBreakers(TimeProvider.System, isS3));
        builder.Services.AddFiles(isS3);
        if (time is not null) builder.Services.AddSingleton(time);
        _app = builder.Build(); // never started: no port, no hosted service
        Contents = _app.Services.GetRequiredService<IFileContents>();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public S3Server Storage { get; } = new();

    public IFileContents Contents { get; }

    private FileFolder Folder => _app.Services.GetRequiredService<FileFolder>();

    public int Copies => Directory.GetFiles(_state.PathOf("files", "fetched"), "*.parquet", SearchOption.AllDirectories).Length;

    public async Task<StoredContent> PutAsync(Guid owner, int bytes)
    {
        var (path, stored) = await NewAsync(owner, bytes);
        await Contents.PutAsync(stored, path, Stop);
        return stored;
    }

    /// <summary>Keeps it in the state folder, as a backend does that knows of no storage.</summary>
    public async Task<StoredContent> PutInFolderAsync(Guid owner, int bytes)
    {
        var (path, stored) = await NewAsync(owner, bytes);
        await new FolderContents(Folder).PutAsync(stored, path, Stop);
        return stored;
    }

    public string FolderPathOf(StoredContent content) => Folder.PathOf(content.Key);

    /// <summary>What a start with a storage begins; its task ends when nothing is left to move.</summary>
    public async Task<BackgroundService> BeginMoveAsync()
    {
        var move = _app.Services.GetServices<IHostedService>().OfType<FolderMove>().Single();
        await move.StartAsync(Stop);
        return move;
    }

    public async Task<IEnumerable<string>> KeysAsync(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var listed in Contents.ListAsync(cancellationToken)) keys.Add(listed.Content.Key);
        return keys.Order();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Storage.DisposeAsync();
        _state.Dispose();
    }

    private async Task<(string Path, StoredContent Content)> NewAsync(Guid owner, int bytes)
    {
        var path = _state.PathOf($"{Guid.NewGuid():N}.tmp");
        var content = RandomNumberGenerator.GetBytes(bytes);
        await File.WriteAllBytesAsync(path, content, Stop);
        return (path, StoredContent.New(owner, Convert.ToHexStringLower(SHA256.HashData(content))));
    }
}
