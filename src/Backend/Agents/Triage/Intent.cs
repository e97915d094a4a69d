using Throughline.Analysis.Tools;

namespace Throughline.Backend.Agents.Triage;

/// <summary>What kind of question it is; decides which specialists look at it.</summary>
internal static class Category
{
    public const string Workload = "workload analysis", Cost = "cost", Performance = "performance", Quality = "quality",
        ModelSelection = "model selection", Supply = "supply catalogue", Monitoring = "monitoring and reporting",
        Configuration = "configuration", General = "general";
}

/// <summary>One thing a question asks for.</summary>
internal enum Topic
{
    Total, ByModel, ByUser, ByFeature, ByTeam, ByDay, TopRequests, Latency, Tokens, WhatIf, Savings, Caching, Duplicates,
    Batch, Anomaly, Forecast, Unpriced, DataQuality, Prices, FullReport, SetBudget, SetAlert, RoutingPatch, Greeting, OutOfScope,
}

/// <summary>A question, understood.</summary>
/// <param name="WhatIfModels">Models that the same requests shall be priced at.</param>
/// <param name="Compare">A second period to compare with the first.</param>
/// <param name="Top">How many are listed.</param>
/// <param name="MinTokens">Only requests above this many tokens.</param>
/// <param name="Action">The change that is asked for.</param>
/// <param name="Missing">Columns that the question needs and the file lacks.</param>
internal sealed record Intent(
    string Category, IReadOnlyList<Topic> Topics, UsageScope Scope, IReadOnlyList<string> WhatIfModels,
    int Top = 10, long? MinTokens = null, UsageScope? Compare = null, IReadOnlyList<Topic>? Missing = null, ActionMention? Action = null)
{
    public bool Asks(Topic topic) => Topics.Contains(topic);
}
