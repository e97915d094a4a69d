using Throughline.Testing.ObjectStorage;

namespace Throughline.Backend.Tests.Files;

/// <summary>The services with imported rows in an object storage.</summary>
public sealed class ObjectStorageServices : Services
{
    public S3Server Storage { get; } = new();

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) => new(Storage.Settings);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Storage.DisposeAsync();
    }
}
