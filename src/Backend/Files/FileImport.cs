using Throughline.Analysis.Import;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Files;

/// <summary>Turns an upload into a usage file. The same bytes again are the same file, unless their first import is gone.</summary>
internal sealed partial class FileImport(FileStore files, UsageImporter importer, TimeProvider time, ILogger<FileImport> logger)
{
    public async Task<FileImportOutcome> ImportAsync(Guid userId, UploadedFile upload, string path, CancellationToken cancellationToken)
    {
        var parquet = files.ParquetPath(userId, upload.Sha256);
        if (File.Exists(parquet) && await files.FindSameAsync(userId, upload.Sha256, cancellationToken) is { } same)
            return same.Name == upload.Name ? new FileImportOutcome.Stored(same) : await StoreAsync(userId, same with { Id = Guid.CreateVersion7(), Name = upload.Name, CreatedAt = Now }, cancellationToken);

        // Beside its place first: nobody ever reads a half-written file, and two imports at once do not meet.
        var draft = $"{parquet}.{Guid.CreateVersion7():N}";
        try
        {
            switch (await importer.ImportAsync(path, upload.Name, draft, null, cancellationToken))
            {
                case Imported done:
                    File.Move(draft, parquet, overwrite: true);
                    Log.Imported(logger, done.Format, done.Rows, done.Refused.Count);
                    return await StoreAsync(userId, new UsageFile(
                        Guid.CreateVersion7(), upload.Name, upload.SizeBytes, upload.Sha256, done.Format, done.Rows, done.Columns, done.Refused, Now), cancellationToken);
                case Refused refused:
                    return new FileImportOutcome.Refused(refused);
                case var other:
                    throw new InvalidOperationException($"{other} is no outcome of an import.");
            }
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task<FileImportOutcome> StoreAsync(Guid userId, UsageFile file, CancellationToken cancellationToken)
    {
        await files.AddAsync(userId, file, cancellationToken);
        return new FileImportOutcome.Stored(file);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Imported a file as {Format}: {Rows} rows, {Refused} refused")]
        public static partial void Imported(ILogger logger, string format, long rows, long refused);
    }
}

internal abstract record FileImportOutcome
{
    public sealed record Stored(UsageFile File) : FileImportOutcome;

    public sealed record Refused(Analysis.Import.Refused Reason) : FileImportOutcome;
}
