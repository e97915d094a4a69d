namespace Throughline.Analysis.Import;

/// <summary>What one import may use. The defaults are the protocol's.</summary>
public sealed record ImportLimits
{
    /// <summary>Longest line or JSON element of a line-based file, bytes.</summary>
    public int LineBytes { get; init; } = 1 << 20;

    /// <summary>Longest element of a JSON document, bytes: one bucket or one resource's spans.</summary>
    public int ElementBytes { get; init; } = 32 << 20;

    /// <summary>Most bytes that a gzip file may inflate to.</summary>
    public long InflatedBytes { get; init; } = 20L << 30;

    /// <summary>Most that gzip may have shrunk the file; usage data shrinks 5 to 30 times, zeros 1,030 times.</summary>
    public int InflationRatio { get; init; } = 250;

    /// <summary>The ratio is looked at from this size on, bytes: small files may be very regular.</summary>
    public long InflationRatioFrom { get; init; } = 64L << 20;

    /// <summary>Most bytes that the result may take on disk.</summary>
    public long ParquetBytes { get; init; } = 8L << 30;

    /// <summary>Longest an import may take.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Memory of the columnar engine, mebibytes.</summary>
    public int EngineMemoryMb { get; init; } = 256;

    /// <summary>How many refused rows are kept with line and reason.</summary>
    public int RefusalsKept { get; init; } = 20;
}
