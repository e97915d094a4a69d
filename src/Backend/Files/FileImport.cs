using Throughline.Analysis.Import;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Files;

/// <summary>Turns an upload into a usage file.</summary>
/// <remarks>
/// The same bytes again, of the same user: under the same name they are the same file, so that a repeat after a lost answer changes
/// nothing; under another name a file of its own over the same content, which is not imported again.
/// </remarks>
internal sealed partial class FileImport(
    FileStore files, FileFolder folder, UploadPlaces places, UsageImporter importer, FileMetrics metrics, TimeProvider time, ILogger<FileImport> logger)
{
    /// <param name="path">The uploaded bytes.</param>
    public async Task<FileImportOutcome> ImportAsync(Guid userId, UploadedFile upload, string path, CancellationToken cancellationToken)
    {
        if (await files.FindSameAsync(userId, upload.Sha256, upload.Name, cancellationToken) is { } same)
        {
            var again = same.Name == upload.Name ? same : same with { Id = Guid.CreateVersion7(), Name = upload.Name, CreatedAt = Now };
            if (await files.AddAgainAsync(userId, again, same.Id, cancellationToken) is { } kept) return new(kept, null);
        }

        using var turn = await places.ImportAsync(cancellationToken);
        var parquet = folder.NewIncomingPath();
        try
        {
            return await importer.ImportAsync(path, upload.Name, parquet, null, cancellationToken) switch
            {
                Imported done => await KeepAsync(userId, upload, done, parquet, cancellationToken),
                Refused refused => Refuse(refused),
                var other => throw new InvalidOperationException($"{other} is no outcome of an import."),
            };
        }
        finally
        {
            File.Delete(parquet);
        }
    }

    // As the database keeps it: to the millisecond.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task<FileImportOutcome> KeepAsync(Guid userId, UploadedFile upload, Imported done, string parquet, CancellationToken cancellationToken)
    {
        metrics.Imported(done.Format, done.Rows);
        Log.Imported(logger, done.Format, done.Rows, done.Refused.Count);
        var file = new UsageFile(
            Guid.CreateVersion7(), upload.Name, upload.SizeBytes, upload.Sha256, done.Format, done.Rows, done.Columns, done.Refused, Now);
        return new(await files.AddAsync(userId, file, parquet, cancellationToken), null);
    }

    private FileImportOutcome Refuse(Refused refused)
    {
        metrics.Refused();
        return new(null, refused);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Imported a file as {Format}: {Rows} rows, {Refused} refused")]
        public static partial void Imported(ILogger logger, string format, long rows, long refused);
    }
}

/// <summary>The file, or why it is none; neither, where its owner was deleted meanwhile.</summary>
internal sealed record FileImportOutcome(UsageFile? File, Refused? Refusal);
