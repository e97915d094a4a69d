using System.Text.Json;
using CsCheck;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;

namespace Throughline.Analysis.Tests.Tools;

public sealed class PricingRandomRows
{
    private static readonly string[] Models = ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "no-such-model"];

    private static readonly Gen<UsageRow> Row = Gen.Select(
        Gen.Int[0, 3], Gen.Long[0, 200_000], Gen.Long[0, 50_000], Gen.Long[0, 90_000], Gen.Long[0, 9_000], Gen.Bool, Gen.Int[0, 40],
        (model, input, output, read, write, batch, day) => new UsageRow(new DateTime(2025, 10, 15, 3, 0, 0, DateTimeKind.Unspecified).AddDays(day), Models[model], input, output)
        {
            CacheRead = read,
            CacheWrite5m = write,
            CacheWrite1h = write / 2,
            Batch = batch,
        });

    [Fact]
    public void The_total_equals_decimal_arithmetic_and_doubling_all_tokens_doubles_it() => Row.Array[1, 60].Sample(rows =>
    {
        var expected = rows.Sum(Cost);
        Assert.Equal(expected, Total(rows));
        Assert.Equal(2 * expected, Total([.. rows.Select(row => row with
        {
            Input = 2 * row.Input, Output = 2 * row.Output, CacheRead = 2 * row.CacheRead, CacheWrite5m = 2 * row.CacheWrite5m, CacheWrite1h = 2 * row.CacheWrite1h,
        })]));
    }, iter: 20, threads: 1);

    /// <summary>The price table's own words, in C#: each kind × its price at the row's day, batch rows at batch prices.</summary>
    private static decimal Cost(UsageRow row)
    {
        var table = PriceTable.Load();
        if (table.Resolve(row.Model!) is not { } model || table.Find(model, DateOnly.FromDateTime(row.At!.Value)) is not { } price) return 0;
        var input = row.Batch ? price.BatchInput ?? price.Input : price.Input;
        var output = row.Batch ? price.BatchOutput ?? price.Output : price.Output;
        var read = price.CachedInput ?? price.Input;
        if (row.Batch) read = Math.Min(read, input);
        return (row.Input * input + row.CacheRead * read + row.CacheWrite5m * (price.CacheWrite5m ?? price.Input)
            + row.CacheWrite1h * (price.CacheWrite1h ?? price.CacheWrite5m ?? price.Input) + row.Output * output) / 1_000_000m;
    }

    private static decimal Total(UsageRow[] rows)
    {
        using var file = new UsageRows(rows);
        return Task.Run(async () =>
        {
            await using var session = await UsageSession.OpenAsync([file.Dataset], new AnalysisOptions(), CancellationToken.None);
            var output = await UsageTools.Find("spend_total")!.RunAsync(
                new ToolContext(session, PriceTable.Load()), JsonSerializer.Serialize(new ToolArguments(new UsageScope(new DateOnly(2026, 11, 22))), ToolJson.Default.ToolArguments), CancellationToken.None);
            return output.Facts.FirstOrDefault(fact => fact.Key == "spend.total")?.Value ?? 0;
        }).GetAwaiter().GetResult();
    }
}
