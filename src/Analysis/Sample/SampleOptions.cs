namespace Throughline.Analysis.Sample;

/// <summary>How sample rows are written.</summary>
public enum SampleFormat { Csv, Jsonl }

/// <summary>Which sample to write. Equal options give equal bytes, on every machine.</summary>
/// <param name="Rows">How many requests, 1 to 1,000,000,000.</param>
/// <param name="Seed">Another seed is another company: other sizes, times and users.</param>
/// <param name="From">First day, UTC.</param>
/// <param name="Days">How many days, 1 to 400. One is the day of the anomaly.</param>
public sealed record SampleOptions(long Rows, long Seed, DateOnly From, int Days)
{
    /// <summary>Six weeks that end within a month, so that a forecast to its end means something.</summary>
    public static SampleOptions Default { get; } = new(60_000, 1, new DateOnly(2026, 10, 5), 42);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Rows, 1_000_000_000);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Days);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Days, 400);
    }
}
