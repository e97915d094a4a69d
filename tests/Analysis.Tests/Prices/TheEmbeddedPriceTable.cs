using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Tests.Prices;

public sealed class TheEmbeddedPriceTable
{
    private static readonly PriceTable Table = PriceTable.Load();

    [Fact]
    public void It_knows_sixty_models_of_six_providers()
    {
        Assert.True(Table.Rows.Where(r => r.To is null).Select(r => r.Model).Distinct().Count() >= 60);
        Assert.True(Table.Rows.Select(r => r.Provider).Distinct().Count() >= 6);
        Assert.Matches(@"^20\d\d-\d\d-\d\d\.[0-9a-f]{8}$", Table.Version);
    }

    [Fact]
    public void Every_row_is_plausible()
    {
        foreach (var row in Table.Rows)
        {
            Assert.True(row.Input is > 0 and <= 200 && row.Output is >= 0 and <= 700, row.ToString());
            Assert.True(row.CachedInput is null || row.CachedInput < row.Input, row.ToString());
            Assert.True(row.CacheWrite5m is null || (row.CacheWrite5m >= row.Input && row.CacheWrite5m <= 1.5m * row.Input), row.ToString());
            Assert.True(row.CacheWrite1h is null || row.CacheWrite1h == 2 * row.Input, row.ToString());
            Assert.True(row.BatchInput is null == row.BatchOutput is null, row.ToString());
            Assert.True(row.BatchInput is null || (row.BatchInput < row.Input && row.BatchOutput <= row.Output), row.ToString());
            Assert.True(row.From >= new DateOnly(2022, 1, 1) && (row.To is null || row.To >= row.From), row.ToString());
            Assert.StartsWith("https://", row.Source, StringComparison.Ordinal);
            Assert.True(row.SourceDate >= new DateOnly(2025, 1, 1), row.ToString());
        }
    }

    [Fact]
    public void Rows_of_a_model_follow_each_other_without_gap_or_overlap()
    {
        foreach (var model in Table.Rows.GroupBy(r => r.Model))
        {
            var rows = model.OrderBy(r => r.From).ToList();
            foreach (var (earlier, later) in rows.Zip(rows.Skip(1)))
            {
                Assert.Equal(later.From.AddDays(-1), earlier.To);
            }
        }
    }

    [Fact]
    public void A_spelling_belongs_to_one_model()
    {
        var owners = Table.Rows.SelectMany(r => r.Aliases.Append(r.Model).Select(a => (Alias: a.ToLowerInvariant(), r.Model))).Distinct();
        Assert.All(owners.GroupBy(o => o.Alias), group => Assert.Single(group));
    }

    [Theory]
    [InlineData("gpt-4o", "gpt-4o")]
    [InlineData("GPT-4o", "gpt-4o")]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("gpt-4o-2024-05-13", "gpt-4o-2024-05-13")]
    [InlineData("openai/gpt-4o-mini-2024-07-18", "gpt-4o-mini")]
    [InlineData("azure/gpt-35-turbo", "gpt-3.5-turbo")]
    [InlineData("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5")]
    [InlineData("claude-3-5-sonnet@20240620", "claude-3-5-sonnet")]
    [InlineData("vertex_ai/claude-sonnet-4-5@20250929", "claude-sonnet-4-5")]
    [InlineData("claude-3-5-sonnet-20241022", "claude-3-5-sonnet")]
    [InlineData("claude-3-5-haiku-latest", "claude-3-5-haiku")]
    [InlineData("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5")]
    [InlineData("anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku")]
    [InlineData("us.amazon.nova-pro-v1:0", "nova-pro")]
    [InlineData("meta.llama3-3-70b-instruct-v1:0", "meta.llama3-3-70b-instruct")]
    [InlineData("groq/llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile")]
    [InlineData("groq/openai/gpt-oss-120b", "groq/gpt-oss-120b")]
    [InlineData("models/gemini-2.0-flash-001", "gemini-2.0-flash")]
    [InlineData("gemini/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("mistral-small-latest", "mistral-small")]
    [InlineData("internal-rerank-v2", null)]
    [InlineData("gpt-4o-super", null)]
    [InlineData("my-gpt-4o", null)]
    [InlineData("ft:gpt-4o:acme", null)]
    [InlineData("claude", null)]
    [InlineData("", null)]
    public void A_spelling_leads_to_its_model_and_to_no_other(string spelling, string? model) =>
        Assert.Equal(model, Table.Resolve(spelling));

    [Fact]
    public void A_price_is_that_of_its_day()
    {
        Assert.Equal((10m, 40m), Prices("o3", new DateOnly(2025, 6, 9)));
        Assert.Equal((2m, 8m), Prices("o3", new DateOnly(2025, 6, 10)));
        Assert.Equal((2.5m, 10m), Prices("gpt-4o", new DateOnly(2026, 1, 1)));
        Assert.Equal((0.15m, 0.60m), Prices("gpt-4o-mini", new DateOnly(2026, 1, 1)));
        Assert.Null(Table.Find("o3", new DateOnly(2025, 4, 15)));
        Assert.Null(Table.Find("internal-rerank-v2", new DateOnly(2026, 1, 1)));

        var gpt4o = Table.Find("gpt-4o", new DateOnly(2026, 1, 1))!;
        Assert.Equal((1.25m, 1.25m, 5m), (gpt4o.CachedInput, gpt4o.BatchInput, gpt4o.BatchOutput));
    }

    private static (decimal, decimal) Prices(string model, DateOnly day)
    {
        var row = Table.Find(model, day)!;
        return (row.Input, row.Output);
    }
}
