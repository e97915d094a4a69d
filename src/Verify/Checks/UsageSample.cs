using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Throughline.Verify.Checks;

/// <param name="InputPrice">List price, US dollars per million tokens.</param>
internal sealed record PricedModel(string Name, decimal InputPrice, decimal OutputPrice);

internal sealed record SampleRow(DateTime At, PricedModel Model, string User, string Feature, long InputTokens, long OutputTokens, int LatencyMs);

/// <summary>Usage data whose true cost is calculated here, by prices that are written here: nothing of the product has a part in it.</summary>
/// <param name="Marker">A word that no other file has, where whose file it is matters.</param>
internal sealed record UsageSample(string FileName, IReadOnlyList<SampleRow> Rows, string Marker)
{
    private static readonly PricedModel[] Models = [new("gpt-4o", 2.5m, 10m), new("gpt-4o-mini", 0.15m, 0.6m), new("gpt-4.1", 2m, 8m)];
    private static readonly string[] Features = ["support", "search", "nightly"];

    private const string NoFigure = "the answer has no figure in US dollars";
    private const string ByAnother = " by an independent calculation";

    public decimal Total => Rows.Sum(CostOf);

    public static UsageSample Make(int rows, int seed, string marker = "acme", int users = 5)
    {
        // An own generator: the same rows for the same seed, on every machine and in every version of the runtime.
        var state = (uint)seed * 2654435761u + 1;
        int Next(int below) => (int)((state = state * 1664525u + 1013904223u) >> 8) % below;
        var start = new DateTime(2026, 10, 5, 0, 0, 0, DateTimeKind.Utc);
        return new UsageSample($"{marker}-usage.csv", [.. Enumerable.Range(0, rows).Select(i => new SampleRow(
            start.AddMinutes(i * 97 % 57_600), Models[Next(Models.Length)], $"{marker}-{Next(users)}", Features[Next(Features.Length)], 100 + Next(20_000), 10 + Next(3_000), 80 + Next(4_000)))], marker);
    }

    public string ToCsv()
    {
        var text = new StringBuilder("timestamp,model,user_id,feature,input_tokens,output_tokens,latency_ms\n");
        foreach (var row in Rows)
            text.Append(CultureInfo.InvariantCulture, $"{row.At:yyyy-MM-dd'T'HH:mm:ss'Z'},{row.Model.Name},{row.User},{row.Feature},{row.InputTokens},{row.OutputTokens},{row.LatencyMs}\n");
        return text.ToString();
    }

    /// <summary>Requires that the answer has the total and each model's share, to the last digit.</summary>
    public void RequireFigures(Probe probe, JsonElement result)
    {
        var money = result.Items("figures").Where(f => f.FindText("unit") == "usd").Select(f => decimal.Parse(f.Text("value"), CultureInfo.InvariantCulture)).ToList();
        probe.That(money.Count > 0, NoFigure);
        foreach (var (what, value) in Expected())
        {
            if (money.Contains(value)) continue;
            probe.Add(new Comparison(probe.Now, what, value.ToString(CultureInfo.InvariantCulture), string.Join(", ", money)));
            throw new Refutation($"{what} is {value.ToString(CultureInfo.InvariantCulture)}{ByAnother}; the answer has {string.Join(", ", money.Take(8))}");
        }
    }

    /// <summary>Requires that the answer has the total.</summary>
    public void RequireTotal(Probe probe, JsonElement result) => probe.That(
        result.Items("figures").Any(f => decimal.TryParse(f.FindText("value"), CultureInfo.InvariantCulture, out var value) && value == Total),
        string.Create(CultureInfo.InvariantCulture, $"the total cost is {Total}{ByAnother}; no figure of {Marker}'s answer is that"));

    /// <summary>Whether a refutation says that the figures are not those of the rows.</summary>
    public static bool IsWrongFigure(string reason) => reason == NoFigure || reason.Contains(ByAnother, StringComparison.Ordinal);

    public IEnumerable<(string What, decimal Value)> Expected()
    {
        yield return ("the total cost", Total);
        foreach (var group in Rows.GroupBy(r => r.Model)) yield return ($"the cost of {group.Key.Name}", group.Sum(CostOf));
    }

    private static decimal CostOf(SampleRow row) => (row.InputTokens * row.Model.InputPrice + row.OutputTokens * row.Model.OutputPrice) / 1_000_000m;
}
