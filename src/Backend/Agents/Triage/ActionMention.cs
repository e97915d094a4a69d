using System.Globalization;
using System.Text.RegularExpressions;

namespace Throughline.Backend.Agents.Triage;

/// <summary>A change that a question asks for.</summary>
/// <param name="Amount">US dollars; null where none is named, or none that can be meant.</param>
/// <param name="Per"><c>day</c> or <c>month</c>.</param>
internal sealed partial record ActionMention(Topic Topic, decimal? Amount = null, string Per = "month")
{
    private const decimal Most = 1_000_000_000;

    public static ActionMention? In(string question) =>
        RoutingPatch().IsMatch(question) ? new ActionMention(Topic.RoutingPatch)
        : SetAlert().IsMatch(question) ? new ActionMention(Topic.SetAlert, AmountIn(question), PerMonth().IsMatch(question) ? "month" : "day")
        : SetBudget().IsMatch(question) ? new ActionMention(Topic.SetBudget, AmountIn(question))
        : null;

    /// <summary>The only amount there is: of two nobody can say which is meant.</summary>
    private static decimal? AmountIn(string question)
    {
        var found = Dollars().Matches(question);
        if (found.Count != 1 || !decimal.TryParse(found[0].Groups["n"].Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
        var amount = number * (found[0].Groups["k"].Value.ToUpperInvariant() switch { "K" or "THOUSAND" => 1_000, "M" or "MILLION" => 1_000_000, _ => 1 });
        return amount is > 0 and <= Most && decimal.Round(amount, 2) == amount ? amount : null;
    }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    // An order, not a question about one: it begins a sentence, or follows a wish.
    private const string Order = @"(?:^|[.;!\n]\s*|\b(?:please|and|then|can you|could you|i want to|we want to|let's|want you to)\s+)(?:please\s+)?";

    [GeneratedRegex(Order + @"(?:(?:set|make|create|change|raise|lower|reduce|increase|update)\b[^.?!\n]{0,40}\bbudget\b|(?:cap|limit)\b[^.?!\n]{0,30}\b(?:spend|spending|costs?|bill)\b)", Options)]
    private static partial Regex SetBudget();

    [GeneratedRegex(Order + @"(?:(?:alert|warn|notify|tell)\s+(?:me|us)\b[^?!\n]{0,60}\b(?:when|if|once|as soon as)\b|(?:set|make|create|add|change)\b[^.?!\n]{0,20}\balert\b)", Options)]
    private static partial Regex SetAlert();

    [GeneratedRegex(Order + @"(?:(?:write|make|create|generate|export|save|prepare|give me|turn)\b[^.?!\n]{0,60}\brout(?:ing|er|e)\b[^.?!\n]{0,10}\b(?:patch|config\w*|file|rules?)\b)", Options)]
    private static partial Regex RoutingPatch();

    [GeneratedRegex(@"\bmonth(?:ly|s)?\b", Options)]
    private static partial Regex PerMonth();

    [GeneratedRegex(@"(?:(?:US)?\$|\bUSD)\s*(?<n>\d[\d,]*(?:\.\d+)?)\s*(?<k>k|thousand|m|million)?\b|\b(?<n>\d[\d,]*(?:\.\d+)?)\s*(?<k>k|thousand|m|million)?\s*(?:dollars?\b|USD\b|\$)", Options)]
    private static partial Regex Dollars();
}
