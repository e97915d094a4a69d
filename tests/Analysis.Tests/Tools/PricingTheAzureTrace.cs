using System.Text.Json;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;

namespace Throughline.Analysis.Tests.Tools;

public sealed class PricingTheAzureTrace
{
    [Fact]
    public async Task Its_cost_on_an_assumed_and_on_another_model_is_exact()
    {
        var stop = TestContext.Current.CancellationToken;
        var trace = UsageRows.AzureTrace();
        Assert.SkipWhen(trace is null, "The Azure trace is not on this machine.");
        using var rows = new UsageRows(trace);
        await using var session = await UsageSession.OpenAsync([rows.Dataset], new AnalysisOptions(), stop);
        var scope = new UsageScope(new DateOnly(2026, 11, 22), AssumedModel: "gpt-4o");

        var output = await UsageTools.Find("what_if_model")!.RunAsync(
            new ToolContext(session, PriceTable.Load()), JsonSerializer.Serialize(new WhatIfArguments(scope, "gpt-4o-mini"), ToolJson.Default.WhatIfArguments), stop);

        Assert.Equal(
            ["spend.total = 47.608895", "spend.requests = 8819", "spend.input_tokens = 18059974", "spend.output_tokens = 245896", "whatif.gpt-4o-mini.total = 2.8565337"],
            output.Facts.Where(fact => fact.Key is not ("spend.per_request" or "whatif.gpt-4o-mini.difference" or "whatif.gpt-4o-mini.percent"))
                .Select(fact => $"{fact.Key} = {FigureFormat.Exact(fact.Value)}"));
    }
}
