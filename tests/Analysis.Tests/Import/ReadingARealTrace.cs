using System.Globalization;
using Throughline.Analysis.Import;

namespace Throughline.Analysis.Tests.Import;

public sealed class ReadingARealTrace : IDisposable
{
    private readonly ImportFolder _folder = new();

    [Fact]
    public async Task Sums_equal_those_added_up_line_by_line()
    {
        var path = SharedData.Find("azure-llm-inference-2023-code.csv");
        var lines = File.ReadLines(path).Skip(1).Where(l => l.Length > 0).Select(l => l.Split(',')).ToList();
        var input = lines.Sum(l => long.Parse(l[1], CultureInfo.InvariantCulture));
        var output = lines.Sum(l => long.Parse(l[2], CultureInfo.InvariantCulture));

        var outcome = Assert.IsType<Imported>(await new UsageImporter().ImportAsync(path, "code.csv", _folder.Parquet, null, TestContext.Current.CancellationToken));

        Assert.Equal(("azure-llm-trace", 8819L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal((18_059_974L, 245_896L), (input, output));
        Assert.Equal(
            [$"8819|{input}|{output}|0|2023-11-16 18:17:03.97996|8819|8820"],
            _folder.Query("SELECT concat_ws('|', count(*), sum(input_uncached), sum(output), sum(cache_read), min(\"at\"), max(row_number), max(source_line)) FROM t"));
        Assert.Equal(
            ["TIMESTAMP: time of the request, UTC unless it says otherwise", "ContextTokens: input tokens, cached ones included", "GeneratedTokens: output tokens, reasoning included"],
            outcome.Columns.Select(c => $"{c.Name}: {c.Meaning}"));
    }

    public void Dispose() => _folder.Dispose();
}
