using System.Diagnostics;
using System.Globalization;
using Throughline.Analysis.Import;
using Throughline.Analysis.Sample;

namespace Throughline.Analysis.Tests.Import;

/// <summary>Scaled down to 200,000 rows unless <c>THROUGHLINE_HUGE_ROWS</c> says how many.</summary>
public sealed class ReadingAMillionRows(ITestOutputHelper output) : IDisposable
{
    private readonly ImportFolder _folder = new();

    [Theory]
    [InlineData("usage.csv")]
    [InlineData("usage.jsonl")]
    [InlineData("usage.csv.gz")]
    public async Task It_takes_seconds_and_memory_that_does_not_grow_with_the_file(string name)
    {
        var stop = TestContext.Current.CancellationToken;
        var rows = long.Parse(Environment.GetEnvironmentVariable("THROUGHLINE_HUGE_ROWS") ?? "200000", CultureInfo.InvariantCulture);
        var path = Path.Combine(_folder.Root, name);
        var clock = Stopwatch.StartNew();
        var answers = await SampleGenerator.WriteFileAsync(path, SampleOptions.Default with { Rows = rows }, stop);
        var written = clock.Elapsed;

        clock.Restart();
        var outcome = Assert.IsType<Imported>(await new UsageImporter().ImportAsync(path, name, _folder.Parquet, null, stop));
        var imported = clock.Elapsed;

        using var process = Process.GetCurrentProcess();
        output.WriteLine($"{rows} rows, {new FileInfo(path).Length >> 20} MiB: written in {written.TotalSeconds:0.00} s, imported in {imported.TotalSeconds:0.00} s, peak {process.PeakWorkingSet64 >> 20} MiB, Parquet {new FileInfo(_folder.Parquet).Length >> 20} MiB");
        Assert.Equal(rows, outcome.Rows);
        Assert.Equal([$"{answers.InputTokens}|{answers.OutputTokens}"], _folder.Query("SELECT concat_ws('|', sum(input_uncached + cache_read + cache_write_5m), sum(output)) FROM t"));
        Assert.True(imported < TimeSpan.FromSeconds(30 + rows / 20_000), $"{imported.TotalSeconds} s");
        Assert.True(process.PeakWorkingSet64 < 600L << 20, $"peak {process.PeakWorkingSet64 >> 20} MiB");
    }

    public void Dispose() => _folder.Dispose();
}
