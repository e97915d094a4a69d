using System.Globalization;
using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Sample;

/// <summary>Adds the true answers up while the rows are written: plain decimal arithmetic, no query engine.</summary>
internal sealed class SampleLedger(SampleOptions options, PriceTable prices)
{
    private sealed class Sum
    {
        public long Requests, Input, Output;
        public decimal? Cost;

        public void Add(SampleRow row, decimal? cost)
        {
            Requests++;
            Input += row.Input;
            Output += row.Output;
            Cost = cost is { } c ? (Cost ?? 0) + c : Cost;
        }
    }

    private readonly Dictionary<string, Sum> _models = [];
    private readonly Sum[] _users = Sums(SampleWorld.Users.Length), _features = Sums(SampleWorld.Features.Length), _days = Sums(options.Days);
    private readonly Dictionary<string, Sum> _teams = [];
    private readonly Dictionary<(string, int), PriceRow?> _priceOfDay = [];
    private readonly HashSet<(string, int)> _prefixes = [];
    private readonly SortedSet<string> _unpricedModels = new(StringComparer.Ordinal);
    private readonly Sum _all = new(), _anomaly = new(), _duplicates = new(), _batch = new(), _unpriced = new();
    private long _cached, _written, _errors, _prefixRows, _uncachedPrefix;
    private decimal _usual, _prefixSavings, _batchSavings;

    public void Add(SampleRow row)
    {
        var price = PriceOf(row.Model, row.Day);
        var cost = price is null ? (decimal?)null : Cost(row, price);
        _all.Add(row, cost);
        SumOf(_models, row.Model).Add(row, cost);
        SumOf(_teams, SampleWorld.Features[row.Feature].Team).Add(row, cost);
        _users[row.User].Add(row, cost);
        _features[row.Feature].Add(row, cost);
        _days[row.Day].Add(row, cost);
        _cached += row.Cached;
        _written += row.Written;
        _errors += row.IsError ? 1 : 0;
        if (price is null)
        {
            _unpriced.Add(row, null);
            _unpricedModels.Add(row.Model);
        }

        if (row.IsAnomaly)
        {
            _anomaly.Add(row, cost);
            _usual += PriceOf(SampleWorld.Features[row.Feature].Model, row.Day) is { } usual ? Cost(row, usual) : 0;
        }

        if (!row.IsError)
        {
            AddSavings(row, price, cost);
        }
    }

    private void AddSavings(SampleRow row, PriceRow? price, decimal? cost)
    {
        if (row.IsRepeat)
        {
            _duplicates.Add(row, cost);
        }

        if (row.PrefixTokens > 0 && !_prefixes.Add((row.Model, row.Feature)) && row.Feature == SampleWorld.Support)
        {
            var uncached = Math.Max(0, row.PrefixTokens - row.Cached - row.Written);
            _prefixRows++;
            _uncachedPrefix += uncached;
            _prefixSavings += price is { CachedInput: { } read } ? uncached * (price.Input - read) / 1_000_000m : 0;
        }

        if (row.IsNightly && price is { BatchInput: { } batchInput, BatchOutput: { } batchOutput })
        {
            _batch.Add(row, cost);
            _batchSavings += cost!.Value - (row.Input * batchInput + row.Output * batchOutput) / 1_000_000m;
        }
    }

    public SampleAnswers ToAnswers()
    {
        var anomalyDay = SampleRows.AnomalyDay(options);
        var from = options.From.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).AddDays(Math.Max(0, anomalyDay)).AddHours(SampleWorld.AnomalyHour);
        var emails = SampleWorld.Features[SampleWorld.Emails];
        return new SampleAnswers(
            options.Rows, options.Seed, options.From, options.Days, prices.Version,
            _all.Input, _cached, _written, _all.Output, _errors, Money(_all.Cost ?? 0),
            [.. _models.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Group(m.Key, m.Value))],
            [.. SampleWorld.Users.Select((name, i) => Group(name, _users[i])).Where(g => g.Requests > 0)],
            [.. _teams.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Group(t.Key, t.Value))],
            [.. SampleWorld.Features.Select((feature, i) => Group(feature.Name, _features[i])).Where(g => g.Requests > 0)],
            [.. _days.Select((sum, i) => Group(options.From.AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), sum)).Where(g => g.Requests > 0)],
            _anomaly.Requests == 0 ? null : new SampleAnomaly(
                DateOnly.FromDateTime(from), from, from.AddHours(1), emails.Name, SampleWorld.AnomalyModel, emails.Model,
                _anomaly.Requests, Money(_anomaly.Cost ?? 0), Money(_usual), Money(_days[anomalyDay].Cost ?? 0)),
            new SampleDuplicates(_duplicates.Requests, Money(_duplicates.Cost ?? 0)),
            new SamplePrefix(SampleWorld.Features[SampleWorld.Support].Name, SampleWorld.Features[SampleWorld.Support].PrefixTokens, _prefixRows, _uncachedPrefix, Money(_prefixSavings)),
            new SampleBatch(SampleWorld.Features[SampleWorld.Nightly].Name, _batch.Requests, Money(_batch.Cost ?? 0), Money(_batchSavings)),
            new SampleUnpriced([.. _unpricedModels], _unpriced.Requests, _unpriced.Input, _unpriced.Output));
    }

    /// <summary>Input tokens include the cached and the written ones.</summary>
    private static decimal Cost(SampleRow row, PriceRow price) =>
        ((row.Input - row.Cached - row.Written) * price.Input
            + row.Cached * (price.CachedInput ?? price.Input)
            + row.Written * (price.CacheWrite5m ?? price.Input)
            + row.Output * price.Output) / 1_000_000m;

    private PriceRow? PriceOf(string model, int day)
    {
        if (!_priceOfDay.TryGetValue((model, day), out var price))
        {
            var canonical = prices.Resolve(model);
            price = canonical is null ? null : prices.Find(canonical, options.From.AddDays(day));
            _priceOfDay[(model, day)] = price;
        }

        return price;
    }

    private static Sum SumOf(Dictionary<string, Sum> sums, string name) =>
        sums.TryGetValue(name, out var sum) ? sum : sums[name] = new Sum();

    private static Sum[] Sums(int count) => [.. Enumerable.Range(0, count).Select(_ => new Sum())];

    private static SampleGroup Group(string name, Sum sum) =>
        new(name, sum.Requests, sum.Input, sum.Output, sum.Cost is { } cost ? Money(cost) : null);

    private static string Money(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}
