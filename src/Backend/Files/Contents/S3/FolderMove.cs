using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files.Contents.S3;

/// <summary>Moves to the object storage what the state folder holds from before there was one, file by file, until nothing is left. Meanwhile each
/// is read from where it lies. One node does it for all that share the folder.</summary>
internal sealed partial class FolderMove(S3Bucket bucket, FileFolder folder, ServiceIdentity identity, TimeProvider time, ILogger<FolderMove> logger) : BackgroundService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (identity.Node != 1) return;
        using var timer = new PeriodicTimer(BetweenTries, time);
        while (!await TryMoveAllAsync(stoppingToken)) await timer.WaitForNextTickAsync(stoppingToken);
    }

    private async Task<bool> TryMoveAllAsync(CancellationToken cancellationToken)
    {
        var moved = 0;
        try
        {
            foreach (var (key, _) in folder.All().ToList())
                if (StoredContent.Read(key) is { } content && await TryMoveAsync(content, cancellationToken)) moved++;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Stopped(logger, moved, bucket.Place, BetweenTries.TotalSeconds, e.Message);
            return false;
        }

        if (moved > 0) Log.Moved(logger, moved, bucket.Place);
        return true;
    }

    /// <returns>Whether it was still to be moved.</returns>
    private async Task<bool> TryMoveAsync(StoredContent content, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(content.Key);
        if (!File.Exists(path)) return false;
        await bucket.PutAsync(content.Key, path, cancellationToken);
        if (File.Exists(path))
        {
            File.Delete(path);
            return true;
        }

        // Its user deleted it meanwhile: in the folder first, in the storage perhaps before it had come there.
        await bucket.DeleteAsync(content.Key, cancellationToken);
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Moved {Count} files from the state folder to {Place}")]
        public static partial void Moved(ILogger logger, int count, string place);

        [LoggerMessage(2, LogLevel.Warning, "Moved {Count} files from the state folder to {Place}; goes on in {Seconds} s, for: {Reason}")]
        public static partial void Stopped(ILogger logger, int count, string place, double seconds, string reason);
    }
}
