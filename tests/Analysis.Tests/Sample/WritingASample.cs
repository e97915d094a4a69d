using System.Globalization;
using System.Text;
using Throughline.Analysis.Import;
using Throughline.Analysis.Sample;
using Throughline.Analysis.Tests.Import;

namespace Throughline.Analysis.Tests.Sample;

public sealed class WritingASample : IDisposable
{
    private static readonly SampleOptions Small = SampleOptions.Default with { Rows = 20_000 };
    private readonly ImportFolder _folder = new();

    [Theory]
    [InlineData(SampleFormat.Csv)]
    [InlineData(SampleFormat.Jsonl)]
    public async Task The_same_seed_gives_the_same_bytes_and_another_seed_others(SampleFormat format)
    {
        var (first, _) = await WriteAsync(format, Small);
        var (second, _) = await WriteAsync(format, Small);
        var (other, _) = await WriteAsync(format, Small with { Seed = 2 });

        Assert.True(first.AsSpan().SequenceEqual(second));
        Assert.False(first.AsSpan().SequenceEqual(other));
        Assert.Equal(20_000 + (format == SampleFormat.Csv ? 1 : 0), first.Count(b => b == '\n'));
    }

    [Theory]
    [InlineData(SampleFormat.Csv)]
    [InlineData(SampleFormat.Jsonl)]
    public async Task Its_answers_are_those_of_the_imported_rows(SampleFormat format)
    {
        var (bytes, answers) = await WriteAsync(format, Small);
        var imported = Assert.IsType<Imported>(await _folder.ImportAsync("sample", bytes));

        Assert.Equal(("plain", 20_000L, 0L), (imported.Format, imported.Rows, imported.Refused.Count));
        Assert.DoesNotContain(imported.Columns, c => c.Meaning == "not used");
        Assert.Equal(
            [string.Create(CultureInfo.InvariantCulture, $"{answers.InputTokens}|{answers.CachedInputTokens}|{answers.CacheWriteTokens}|{answers.OutputTokens}|{answers.Errors}")],
            _folder.Query("SELECT concat_ws('|', sum(input_uncached + cache_read + cache_write_5m), sum(cache_read), sum(cache_write_5m), sum(output), count(*) FILTER (status = 'error')) FROM t"));
        Assert.Equal(
            answers.ByModel.Select(g => $"{g.Name}|{g.Requests}|{g.OutputTokens}"),
            _folder.Query("SELECT concat_ws('|', model, count(*), sum(output)) FROM t GROUP BY model ORDER BY model"));
        Assert.Equal(
            answers.ByDay.Select(g => $"{g.Name}|{g.Requests}"),
            _folder.Query("SELECT concat_ws('|', \"at\"::DATE, count(*)) FROM t GROUP BY \"at\"::DATE ORDER BY \"at\"::DATE"));
        Assert.Equal(
            [$"{answers.Duplicates.Rows}"],
            _folder.Query("SELECT (count(*) - count(DISTINCT (model, prompt_hash)))::VARCHAR FROM t WHERE status = 'ok'"));
        Assert.Equal(
            [$"{answers.Prefix.UncachedPrefixTokens}"],
            _folder.Query("SELECT sum(prefix_tokens - cache_read)::VARCHAR FROM (SELECT *, row_number() OVER (ORDER BY row_number) AS n FROM t WHERE feature = 'support-bot' AND status = 'ok') WHERE n > 1"));
    }

    [Fact]
    public async Task Its_costs_equal_prices_times_tokens()
    {
        var (bytes, answers) = await WriteAsync(SampleFormat.Csv, Small);
        var total = 0m;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.Split(',');
            var (input, cached, written, output) = (Number(cells[7]), Number(cells[8]), Number(cells[9]), Number(cells[10]));
            var (price, read, write, answer) = cells[2] switch
            {
                "gpt-4o" => (2.5m, 1.25m, 2.5m, 10m),
                "gpt-4o-mini" => (0.15m, 0.075m, 0.15m, 0.6m),
                "gpt-4.1" => (2m, 0.5m, 2m, 8m),
                "claude-sonnet-4-5" => (3m, 0.3m, 3.75m, 15m),
                "claude-opus-4-1" => (15m, 1.5m, 18.75m, 75m),
                "text-embedding-3-small" => (0.02m, 0.02m, 0.02m, 0m),
                _ => (0m, 0m, 0m, 0m),
            };
            total += ((input - cached - written) * price + cached * read + written * write + output * answer) / 1_000_000m;
        }

        Assert.Equal(total.ToString("0.############", CultureInfo.InvariantCulture), answers.TotalCost);
        Assert.Equal(total, answers.ByDay.Sum(g => decimal.Parse(g.Cost ?? "0", CultureInfo.InvariantCulture)));
        Assert.Equal(total, answers.ByUser.Sum(g => decimal.Parse(g.Cost ?? "0", CultureInfo.InvariantCulture)));
        Assert.Equal(total, answers.ByFeature.Sum(g => decimal.Parse(g.Cost ?? "0", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task It_shows_what_there_is_to_find()
    {
        var (_, answers) = await WriteAsync(SampleFormat.Csv, Small);

        var usualDay = answers.ByDay.Select(d => decimal.Parse(d.Cost!, CultureInfo.InvariantCulture)).Order().ElementAt(answers.ByDay.Count / 2);
        var anomaly = answers.Anomaly!;
        Assert.True(decimal.Parse(anomaly.DayCost, CultureInfo.InvariantCulture) > 1.7m * usualDay, $"{anomaly.DayCost} against {usualDay}");
        Assert.True(decimal.Parse(anomaly.Cost, CultureInfo.InvariantCulture) > 20 * decimal.Parse(anomaly.UsualCost, CultureInfo.InvariantCulture));
        Assert.Equal(["internal-rerank-v2"], answers.Unpriced.Models);
        Assert.Null(answers.ByModel.Single(m => m.Name == "internal-rerank-v2").Cost);
        Assert.True(answers.Duplicates.Rows > 500 && answers.Batch.Rows > 500 && answers.Prefix.Rows > 3000 && answers.Errors > 100);
        Assert.Equal(1640, answers.Prefix.PrefixTokens);
    }

    [Fact]
    public async Task A_file_ending_in_gz_is_gzip_and_its_answers_lie_beside_it()
    {
        var path = Path.Combine(_folder.Root, "usage.csv.gz");
        await SampleGenerator.WriteFileAsync(path, Small with { Rows = 10 }, TestContext.Current.CancellationToken);

        Assert.Equal((0x1F, 0x8B), (File.ReadAllBytes(path)[0], File.ReadAllBytes(path)[1]));
        Assert.Contains("\"rows\": 10", await File.ReadAllTextAsync(Path.Combine(_folder.Root, "usage.answers.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static long Number(string cell) => long.Parse(cell, CultureInfo.InvariantCulture);

    private static async Task<(byte[], SampleAnswers)> WriteAsync(SampleFormat format, SampleOptions options)
    {
        using var stream = new MemoryStream();
        var answers = await SampleGenerator.WriteAsync(stream, format, options, TestContext.Current.CancellationToken);
        return (stream.ToArray(), answers);
    }
}
