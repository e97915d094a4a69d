namespace Throughline.Analysis.Tools;

/// <summary>Every tool, by name.</summary>
public static class UsageTools
{
    public static IReadOnlyList<IUsageTool> All { get; } =
    [
        new SpendTotal(), new SpendBy("model", Dimension.Model), new SpendBy("user", Dimension.User), new SpendBy("feature", Dimension.Feature),
        new SpendBy("team", Dimension.Team), new SpendByDay(), new TopRequests(), new Percentiles(), new WhatIf(),
        new SavingTool("cache_savings", "cache", "what a prompt cache would have saved", "Shared prefixes used again within 5 minutes", "prefix_hash", SavingsFinder.CacheAsync),
        new SavingTool("duplicate_savings", "duplicates", "what answering repeated prompts once would have saved", "Prompts that the same model had answered within 24 hours", "prompt_hash", SavingsFinder.DuplicatesAsync),
        new SavingTool("batch_eligibility", "batch", "what batches would have saved", "Features that nobody waits for, at batch price", "feature", SavingsFinder.BatchAsync),
        new SavingsPlan(), new ForecastMonthEnd(), new UnpricedCoverage(), new DataQuality(), new PriceList(), new BudgetStatus(), new AlertStatus(),
    ];

    public static IUsageTool? Find(string name) => All.FirstOrDefault(tool => tool.Name == name);
}
