using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Throughline.Analysis.Import;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Sample;
using Throughline.Analysis.Tools;

namespace Throughline.Analysis.Tests.Tools;

/// <summary>The tools against what the generator added up row by row, in decimal arithmetic of its own.</summary>
public sealed class AnalysingTheSample : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("throughline-sample-").FullName;
    private SampleAnswers _truth = null!;
    private UsageSession _session = null!;
    private UsageScope _scope = null!;

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        var rows = Environment.GetEnvironmentVariable("SAMPLE_ROWS") is { } wanted ? long.Parse(wanted, CultureInfo.InvariantCulture) : 30_000;
        var file = Path.Combine(_folder, "usage.csv");
        var parquet = Path.Combine(_folder, "usage.parquet");
        _truth = await SampleGenerator.WriteFileAsync(file, SampleOptions.Default with { Rows = rows }, stop);
        Assert.IsType<Imported>(await new UsageImporter().ImportAsync(file, "usage.csv", parquet, null, stop));
        _session = await UsageSession.OpenAsync([new UsageDataset(Guid.NewGuid(), "usage.csv", new string('a', 64), parquet)], new AnalysisOptions(), stop);
        _scope = new UsageScope(_truth.From.AddDays(_truth.Days));
    }

    [Fact]
    public async Task Every_total_is_exact()
    {
        Assert.Equal(Money(_truth.TotalCost), (await FactsAsync("spend_total"))["spend.total"]);
        foreach (var (by, groups) in new[] { ("model", _truth.ByModel), ("user", _truth.ByUser), ("team", _truth.ByTeam), ("feature", _truth.ByFeature) })
        {
            var facts = await FactsAsync("spend_by_" + by, new BreakdownArguments(_scope, by, 100));
            Assert.Equal(
                groups.Where(group => group.Cost is not null).Take(100).Select(group => (group.Name, Money(group.Cost!))).OrderBy(group => group.Name, StringComparer.Ordinal),
                groups.Where(group => group.Cost is not null).Take(100).Select(group => (group.Name, facts[$"spend.by-{by}.{group.Name}"])).OrderBy(group => group.Name, StringComparer.Ordinal));
        }

        var days = await FactsAsync("spend_by_day");
        Assert.Equal(_truth.ByDay.Select(day => Money(day.Cost!)), _truth.ByDay.Select(day => days["spend.day." + day.Name]));
        Assert.Equal(_truth.Unpriced.Rows, (await FactsAsync("unpriced_coverage"))["unpriced.requests"]);
    }

    [Fact]
    public async Task The_unusual_day_and_its_cause_are_found()
    {
        var truth = _truth.Anomaly!;

        var output = await RunAsync("spend_by_day", new ToolArguments(_scope));

        Assert.Equal(
            (truth.Feature, truth.Model, truth.UsualModel, Dates.Weekday(truth.Day)),
            (output.Terms["anomaly.feature"], output.Terms["anomaly.model"], output.Terms["anomaly.usual_model"], output.Terms["anomaly.day"]));
        var facts = output.Facts.ToDictionary(fact => fact.Key, fact => fact.Value);
        Assert.Equal((truth.Requests, Money(truth.Cost), Money(truth.UsualCost)), ((long)facts["anomaly.cause.requests"], facts["anomaly.cause.cost"], facts["anomaly.cause.on_usual_model"]));
    }

    [Fact]
    public async Task Savings_never_exceed_what_is_true_and_a_plan_never_exceeds_the_spend()
    {
        var batch = await FactsAsync("batch_eligibility");
        Assert.Equal(Money(_truth.Batch.Savings), batch.Where(fact => fact.Key.StartsWith($"batch.{_truth.Batch.Feature}/", StringComparison.Ordinal) && fact.Key.EndsWith(".saving", StringComparison.Ordinal)).Sum(fact => fact.Value));
        // Ours count a repeat only within a day, and a cached prefix only within five minutes and less what writing it costs.
        var duplicates = await FactsAsync("duplicate_savings");
        Assert.InRange(duplicates["duplicates.total"], 0.5m * Money(_truth.Duplicates.Cost), Money(_truth.Duplicates.Cost));
        var cache = await FactsAsync("cache_savings");
        Assert.InRange(cache.Where(fact => fact.Key.StartsWith($"cache.{_truth.Prefix.Feature}/", StringComparison.Ordinal) && fact.Key.EndsWith(".saving", StringComparison.Ordinal)).Sum(fact => fact.Value), 0.01m, Money(_truth.Prefix.Savings));
        var plan = await FactsAsync("savings_plan");
        Assert.InRange(plan["plan.total"], 0.01m, plan["spend.total"]);
    }

    [Fact]
    public async Task Every_tool_answers_in_time()
    {
        foreach (var tool in UsageTools.All.Where(tool => tool.Name is not ("what_if_model" or "price_list")))
        {
            var clock = Stopwatch.StartNew();
            ToolArguments arguments = tool.Name.StartsWith("spend_by_", StringComparison.Ordinal) && tool.Name != "spend_by_day" ? new BreakdownArguments(_scope, tool.Name[9..])
                : tool.Name == "top_requests" ? new TopRequestsArguments(_scope)
                : tool.Name is "budget_status" or "alert_status" ? new AmountArguments(_scope, 500) : new ToolArguments(_scope);
            await RunAsync(tool.Name, arguments);
            TestContext.Current.TestOutputHelper?.WriteLine($"{tool.Name} {clock.Elapsed.TotalMilliseconds:0} ms");
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    }

    [Fact]
    public async Task Nothing_but_its_own_files_can_be_read()
    {
        var other = Path.Combine(_folder, "usage.csv");
        foreach (var sql in new[] { $"SELECT * FROM read_csv('{other}')", $"COPY (SELECT 1) TO '{other}.out'", "SET enable_external_access = true", "SET memory_limit = '8GB'", "INSTALL httpfs", $"ATTACH '{other}.db'" })
            await Assert.ThrowsAsync<DuckDB.NET.Data.DuckDBException>(() => _session.ExecuteAsync(sql, TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Dictionary<string, decimal>> FactsAsync(string tool, ToolArguments? arguments = null) =>
        (await RunAsync(tool, arguments ?? new ToolArguments(_scope))).Facts.ToDictionary(fact => fact.Key, fact => fact.Value);

    private Task<ToolOutput> RunAsync(string tool, ToolArguments arguments) => UsageTools.Find(tool)!.RunAsync(
        new ToolContext(_session, PriceTable.Load()), JsonSerializer.Serialize(arguments, arguments.GetType(), ToolJson.Default), TestContext.Current.CancellationToken);

    private static decimal Money(string money) => decimal.Parse(money, CultureInfo.InvariantCulture);
}
