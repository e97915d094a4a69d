using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Actions;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents;

/// <summary>Sends a question to the specialists that it needs, and to no others.</summary>
internal sealed class Specialists(
    IAgentRun run, RunWriter writer, ToolRunner tools, Intent intent, DataProfile profile, PriceTable prices, UserSettings settings)
{
    private const int MostCandidates = 3;

    public async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (intent.Asks(Topic.Greeting) || intent.Asks(Topic.OutOfScope)) return;
        // A budget or an alert needs no picture of the data: its own tool compares it with spend.
        if (!intent.Asks(Topic.SetBudget) && !intent.Asks(Topic.SetAlert)) await StageAsync("data", "Reads the usage data", DataAsync, cancellationToken);
        if (profile.Rows > 0 && NeedsOptimisation) await StageAsync("optimisation", "Prices other ways to do the same work", OptimiseAsync, cancellationToken);
        var plans = NeedsPlan && tools.Facts.Has("spend.total");
        if (plans || intent.Action is not null)
            await StageAsync("actions", plans ? "Turns savings into a plan" : "Prepares the change for approval", id => ActAsync(plans, id, cancellationToken), cancellationToken);
    }

    /// <summary>The change that the question asks for, where it does.</summary>
    public ProposedAction? Proposed { get; private set; }

    private async Task ActAsync(bool plans, string id, CancellationToken cancellationToken)
    {
        if (plans) await CallAsync("savings_plan", id, cancellationToken);
        Proposed = await new Proposer(run, tools, intent, settings).ProposeAsync(id, cancellationToken);
    }

    /// <summary>Whether the answer needs the whole picture, not one breakdown.</summary>
    private bool IsWhole => intent.Asks(Topic.FullReport) || intent.Asks(Topic.Anomaly);

    private bool NeedsPlan => intent.Asks(Topic.Savings) || intent.Asks(Topic.FullReport);

    private bool NeedsOptimisation => NeedsPlan || intent.Asks(Topic.Caching) || intent.Asks(Topic.Duplicates) || intent.Asks(Topic.Batch) || intent.Asks(Topic.WhatIf);

    private async Task DataAsync(string id, CancellationToken cancellationToken)
    {
        if (intent.Asks(Topic.Prices))
        {
            IReadOnlyList<string> models = intent.WhatIfModels is { Count: > 0 } named ? named
                : intent.Scope.AssumedModel is { } assumed ? [assumed] : intent.Scope.Model is { } model ? [model] : [.. profile.Models.Take(10)];
            if (models.Count > 0) await tools.CallAsync("price_list", "price_list", new PriceListArguments(intent.Scope, models), id, cancellationToken);
        }

        if (profile.Rows == 0) return;
        await CallAsync("spend_total", id, cancellationToken);
        await CallAsync("unpriced_coverage", id, cancellationToken);
        if (intent.Compare is { } second) await tools.CallAsync("second", "spend_total", new ToolArguments(second), id, cancellationToken);
        if ((intent.Asks(Topic.ByModel) || (IsWhole && intent.Scope.AssumedModel is null)) && profile.Has("model")) await BreakAsync("model", id, cancellationToken);
        if (intent.Asks(Topic.ByFeature) && profile.Has("feature")) await BreakAsync("feature", id, cancellationToken);
        if (intent.Asks(Topic.ByUser) && profile.Has("user_id")) await BreakAsync("user", id, cancellationToken);
        if (intent.Asks(Topic.ByTeam) && profile.Has("team")) await BreakAsync("team", id, cancellationToken);
        if (profile.Has("at") && tools.Facts.Has("spend.total"))
        {
            if (IsWhole || intent.Asks(Topic.ByDay)) await CallAsync("spend_by_day", id, cancellationToken);
            if (IsWhole || intent.Asks(Topic.Forecast)) await CallAsync("forecast_month_end", id, cancellationToken);
        }

        if (profile.Has("at") && tools.Facts.Has("spend.total") && IsAboutSpend) await CompareAsync(id, cancellationToken);
        if (intent.Asks(Topic.TopRequests))
        {
            await tools.CallAsync("top_requests", "top_requests",
                new TopRequestsArguments(intent.Scope, intent.Top, intent.MinTokens is not null || !tools.Facts.Has("spend.total") ? "tokens" : "cost", intent.MinTokens), id, cancellationToken);
        }

        if (intent.Asks(Topic.Latency) || (intent.Asks(Topic.Tokens) && !intent.Asks(Topic.Total))) await CallAsync("percentiles", id, cancellationToken);
        if (intent.Asks(Topic.DataQuality)) await CallAsync("data_quality", id, cancellationToken);
    }

    private bool IsAboutSpend => IsWhole || intent.Asks(Topic.Total) || intent.Asks(Topic.Forecast) || intent.Asks(Topic.ByDay);

    /// <summary>Compares all spend with what the user has approved: a budget is for the whole, whatever part is asked about.</summary>
    private async Task CompareAsync(string id, CancellationToken cancellationToken)
    {
        var whole = intent.Scope with { From = null, To = null, Model = null, User = null, Feature = null, Team = null };
        if (settings.Budget is { } budget) await tools.CallAsync("budget_status", "budget_status", new AmountArguments(whole, Parse(budget.Amount)), id, cancellationToken);
        foreach (var alert in settings.Alerts)
            await tools.CallAsync("alert_status." + alert.Per, "alert_status", new AmountArguments(whole, Parse(alert.Amount), alert.Per), id, cancellationToken);
    }

    private static decimal Parse(string amount) => decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture);

    private async Task OptimiseAsync(string id, CancellationToken cancellationToken)
    {
        if (intent.Asks(Topic.Caching) || (NeedsPlan && profile.Has("prefix_hash"))) await CallAsync("cache_savings", id, cancellationToken);
        if (intent.Asks(Topic.Duplicates) || (NeedsPlan && profile.Has("prompt_hash"))) await CallAsync("duplicate_savings", id, cancellationToken);
        if (intent.Asks(Topic.Batch) || (NeedsPlan && profile.Has("feature"))) await CallAsync("batch_eligibility", id, cancellationToken);
        foreach (var model in intent.WhatIfModels) await WhatIfAsync(intent.Scope, model, id, cancellationToken);
        if (intent.Asks(Topic.WhatIf) && intent.WhatIfModels.Count == 0 && tools.Facts.Has("spend.total"))
        {
            foreach (var candidate in Candidates()) await WhatIfAsync(intent.Scope with { Model = intent.Scope.AssumedModel is null ? CostliestModel() : null }, candidate, id, cancellationToken);
        }
    }

    /// <summary>Cheaper models of the provider whose model costs most: the dearest of them first.</summary>
    private IEnumerable<string> Candidates()
    {
        var name = intent.Scope.AssumedModel ?? CostliestModel();
        if (name is null || prices.Resolve(name) is not { } canonical || prices.Find(canonical, intent.Scope.PricedOn) is not { } row) return [];
        return prices.Rows.Where(other => other.Provider == row.Provider && other.Output > 0 && other.Input < row.Input && other.Output < row.Output
                && prices.Find(other.Model, intent.Scope.PricedOn) == other)
            .OrderByDescending(other => other.Input).ThenBy(other => other.Model, StringComparer.Ordinal).Select(other => other.Model).Take(MostCandidates);
    }

    private string? CostliestModel() => intent.Scope.Model ?? (tools.Output("spend_by_model")?.Items is [var first, ..] ? first : profile.Models is [var most, ..] ? most : null);

    private Task WhatIfAsync(UsageScope scope, string model, string id, CancellationToken cancellationToken) =>
        tools.CallAsync("what_if." + model, "what_if_model", new WhatIfArguments(scope == intent.Scope ? scope : scope with { Name = "top" }, model), id, cancellationToken);

    private Task BreakAsync(string by, string id, CancellationToken cancellationToken) =>
        tools.CallAsync("spend_by_" + by, "spend_by_" + by, new BreakdownArguments(intent.Scope, by, intent.Top), id, cancellationToken);

    private Task CallAsync(string tool, string id, CancellationToken cancellationToken) =>
        tools.CallAsync(tool, tool, new ToolArguments(intent.Scope), id, cancellationToken);

    private Task<bool> StageAsync(string name, string description, Func<string, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        StageAsync(name, description, id => work(id, cancellationToken), cancellationToken);

    private Task<bool> StageAsync(string name, string description, Func<string, Task> work, CancellationToken cancellationToken) =>
        writer.StageAsync(name, async () =>
        {
            await writer.SpecialistAsync(name, description, work, cancellationToken);
            return true;
        }, cancellationToken);
}
