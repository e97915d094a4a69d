using System.Security.Cryptography;
using Throughline.Analysis.Sample;

namespace Throughline.Backend.Files;

/// <summary>Usage data made up for a user who has none at hand, imported like an upload.</summary>
internal sealed class SampleFile(FileImport import, FileFolder folder, TimeProvider time)
{
    private const string Name = "sample-usage.csv";
    private const long Rows = 20_000;
    private const long Seed = 1;
    private const int Days = 42;

    /// <summary>The six weeks until today, of one seed: asked for twice on one day, it is one file.</summary>
    public async Task<FileImportOutcome> AddAsync(Guid userId, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var path = folder.NewIncomingPath();
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 0, FileOptions.Asynchronous);
            await SampleGenerator.WriteAsync(file, SampleFormat.Csv, new SampleOptions(Rows, Seed, today.AddDays(1 - Days), Days), cancellationToken);
            file.Position = 0;
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            return await import.ImportAsync(userId, new UploadedFile(Name, file.Length, hash), path, cancellationToken);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
