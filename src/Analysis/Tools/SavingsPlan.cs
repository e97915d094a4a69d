using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>A plan of changes to disjoint rows, so that no dollar is counted twice.</summary>
/// <remarks>Each feature gets the one change that saves most on it; what else would save there is left for after that change.</remarks>
internal sealed class SavingsPlan() : UsageTool<ToolArguments>(
    "savings_plan", 1, "Changes that save, none of them on the same requests.", ToolJson.Default.ToolArguments)
{
    private const int MostActions = 5;

    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var facts = await SpendTotal.FactsAsync(work, cancellationToken);
        var candidates = new List<Saving>();
        candidates.AddRange(await SavingsFinder.CacheAsync(work, cancellationToken));
        candidates.AddRange(await SavingsFinder.DuplicatesAsync(work, cancellationToken));
        candidates.AddRange(await SavingsFinder.BatchAsync(work, cancellationToken));
        if (await PinToUsual.FindAsync(work, cancellationToken) is { } pin) candidates.Add(pin);
        var chosen = candidates.Where(saving => saving.Feature is not null)
            .GroupBy(saving => saving.Feature).Select(feature => feature.OrderByDescending(saving => saving.Saved).ThenBy(saving => saving.Kind, StringComparer.Ordinal).First())
            .OrderByDescending(saving => saving.Saved).ThenBy(saving => saving.Feature, StringComparer.Ordinal).Take(MostActions).ToArray();
        var terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken);
        var actions = new List<PlanAction>();
        foreach (var saving in chosen)
        {
            var id = Names.Slug($"{saving.Kind}.{saving.Feature}");
            var key = work.Key("plan." + id);
            facts.AddRange(PlanFacts.Of(saving, key));
            terms[key + ".feature"] = Names.Shown(saving.Feature);
            terms[key + ".model"] = Names.Shown(saving.Model);
            if (saving.Other is { } other) terms[key + ".other"] = other;
            actions.Add(Describe(saving, key, id));
        }

        if (chosen.Length == 0)
        {
            return new ToolOutput("No change was found that the data bears out.", "Changes to disjoint rows, the one that saves most per feature", facts) { Terms = terms, Missing = "savings" };
        }

        var total = work.Key("plan.total");
        facts.Add(Derive.Sum(total, [.. actions.Select(action => facts.First(fact => fact.Key == action.SavingKey))], "what the plan would have saved") with { Senses = [Sense.Saves] });
        if (facts.Find(fact => fact.Key == work.Key("spend.total")) is { Value: > 0 } spend)
            facts.Add(Derive.Percent(work.Key("plan.percent"), facts[^1], spend, "share of spend that the plan would have saved") with { Senses = [Sense.Saves] });
        facts.Add(new FactDraft(work.Key("plan.count"), actions.Count, FactUnit.Changes, "changes in the plan", "count of changes") { Operands = [total], Senses = [Sense.Saves] });
        return new ToolOutput($"Would have saved {{{{f:{total}}}}}, no dollar counted twice.", "Changes to disjoint rows, the one that saves most per feature", facts)
        {
            Terms = terms,
            Actions = actions,
            Items = [.. actions.Select(action => action.Id)],
        };
    }

    private static PlanAction Describe(Saving saving, string key, string id)
    {
        var feature = $"{{{{t:{key}.feature}}}}";
        var model = $"{{{{t:{key}.model}}}}";
        var savingKey = key + ".saving";
        var requests = $"{{{{f:{key}.requests}}}}";
        return saving.Kind switch
        {
            "cache" => new PlanAction(
                id, $"Cache the {feature} prompt", saving.PrefixTokens is null ? $"The same beginning in {requests} requests" : $"The same {{{{f:{key}.prefix}}}} tokens in {requests} requests",
                savingKey, saving.Feature!, "Small", "Low", "Cache reads appear in the usage export", "Remove cache_control", saving.Rows),
            "duplicates" => new PlanAction(
                id, $"Answer repeated {feature} prompts from a store", $"{requests} requests asked what had been answered within a day",
                savingKey, saving.Feature!, "Medium", "Low: keep answers for a day at most", "Repeated prompts vanish from the usage export", "Turn the store off", saving.Rows),
            "batch" => new PlanAction(
                id, $"Batch {feature}", $"{model} at batch price for {requests} requests, answers within a day",
                savingKey, saving.Feature!, "Medium", "Low: answers come later", "Rows are marked as batch in the usage export", "Send them as ordinary requests again", saving.Rows),
            _ => new PlanAction(
                id, $"Pin {feature} to {{{{t:{key}.other}}}}", $"{requests} requests ran on {model}; alert when the model changes",
                savingKey, saving.Feature!, "Small", "Medium: compare answers first", "Spend by model shows one model for it", "Delete the route pin", saving.Rows, Substitutes: true),
        };
    }
}
