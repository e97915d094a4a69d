namespace Throughline.Analysis.Import.Sources;

/// <summary>Parquet inside gzip, unpacked beside the result for as long as it is read: Parquet is read from its end.</summary>
internal sealed class UnpackedParquet : IDisposable
{
    private UnpackedParquet(string path) => Path = path;

    public string Path { get; }

    /// <returns>Null for every other file: those are read as they come.</returns>
    public static UnpackedParquet? From(string sourcePath, string partPath, ImportLimits limits)
    {
        Span<byte> start = stackalloc byte[4];
        using (var file = File.OpenRead(sourcePath))
        {
            if (!SourceFile.IsGzip(start[..file.ReadAtLeast(start, 4, false)]))
            {
                return null;
            }
        }

        // Parquet is compressed in itself, so what inflates a lot is none: the ratio guards the disk.
        using var source = SourceFile.Open(sourcePath, limits with { InflatedBytes = Math.Min(limits.InflatedBytes, 4L << 30), InflationRatio = 20 });
        if (source.Text.ReadAtLeast(start, 4, false) < 4 || !start.SequenceEqual("PAR1"u8))
        {
            return null;
        }

        var unpacked = new UnpackedParquet(partPath + ".unpacked");
        try
        {
            using var target = File.Create(unpacked.Path);
            target.Write(start);
            source.Text.CopyTo(target);
            return unpacked;
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Delete(Path);
}
