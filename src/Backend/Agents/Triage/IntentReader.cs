using System.Globalization;
using System.Text.RegularExpressions;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;

namespace Throughline.Backend.Agents.Triage;

/// <summary>Understands a question by its words, the file's names and the questions before it. No model, no chance.</summary>
internal static partial class IntentReader
{
    private static readonly Topic[] Optimising = [Topic.Savings, Topic.Caching, Topic.Duplicates, Topic.Batch];

    public static Intent Read(
        string question, IReadOnlyList<string> earlier, DataProfile profile, PriceTable prices, DateOnly today, TimeZoneInfo zone)
    {
        var action = ActionMention.In(question);
        // Who asks for a change asks for nothing else: "set a budget of $500 a month" is no question about spend.
        List<Topic> topics = action is { Topic: Topic.RoutingPatch } ? [Topic.RoutingPatch, Topic.Savings] : action is not null ? [action.Topic] : [.. TopicWords.In(question)];
        var mentions = ModelMentions.In(question, prices, profile.Models);
        var (assumed, whatIf, filter) = ModelsIn(question, mentions, profile);
        if (assumed is null && !profile.Has("model"))
        {
            // "All requests ran on gpt-4o" holds for the questions that follow it.
            assumed = earlier.Reverse().Select(text => ModelsIn(text, ModelMentions.In(text, prices, profile.Models), profile).Assumed).FirstOrDefault(name => name is not null);
        }

        var names = Names(question, profile);
        var days = profile is { From: { } from, To: { } to }
            ? DayMentions.In(question, DateOnly.FromDateTime(Dates.Local(from, zone)), DateOnly.FromDateTime(Dates.Local(to, zone)))
            : [];
        if (topics.Count == 0 && earlier.Count > 0 && (mentions.Count > 0 || days.Count > 0 || names != default || FollowUp().IsMatch(question)))
        {
            // "And for gpt-4o-mini?" asks what was asked before, of something else.
            topics.AddRange(TopicWords.In(earlier[^1]));
        }

        if (whatIf.Count > 0 && !topics.Contains(Topic.WhatIf)) topics.Add(Topic.WhatIf);
        if (topics.Count == 0) topics.Add(Other(question, mentions.Count > 0 || names != default || days.Count > 0));
        var scope = new UsageScope(
            today, zone.Id, assumed, days.Count > 0 ? days[0].From : null, days.Count > 0 ? days[0].To : null, filter, names.User, names.Feature, names.Team);
        if (days.Count == 1 && topics.Contains(Topic.Anomaly))
        {
            // Why a day or a month stands out is seen against the days around it.
            scope = scope with { From = null, To = null };
        }

        var compare = days.Count > 1 ? scope with { From = days[1].From, To = days[1].To, Name = "second" } : null;
        return new Intent(
            CategoryOf(topics, assumed is not null), topics, scope, whatIf, Top(question), MinTokens(question), compare, Lacking(topics, profile), action);
    }

    private static (string? Assumed, IReadOnlyList<string> WhatIf, string? Filter) ModelsIn(
        string question, IReadOnlyList<ModelMention> mentions, DataProfile profile)
    {
        string? assumed = null, filter = null;
        var whatIf = new List<string>();
        foreach (var mention in mentions)
        {
            var start = question.LastIndexOfAny(['.', ';', '?', '!', '\n'], Math.Max(0, mention.Start - 1)) + 1;
            var before = question[start..mention.Start];
            var after = question[(mention.Start + mention.Length)..];
            if (assumed is null && Assumption().IsMatch(before) && !WouldBe().IsMatch(before)) assumed = mention.Name;
            else if (!profile.Has("model") && assumed is null && mentions.Count == 1) assumed = mention.Name;
            else if (WouldBe().IsMatch(before) || WouldHave().IsMatch(after) || !profile.Models.Contains(mention.Name)) whatIf.Add(mention.Name);
            else if (filter is null && mentions.Count(other => profile.Models.Contains(other.Name)) == 1) filter = mention.Name;
        }

        if (assumed is null && !profile.Has("model") && whatIf.Count > 0)
        {
            assumed = whatIf[0];
            whatIf.RemoveAt(0);
        }

        return (assumed, [.. whatIf.Distinct().Where(name => name != assumed)], filter);
    }

    private static (string? User, string? Feature, string? Team) Names(string question, DataProfile profile)
    {
        string? Named(IReadOnlyList<string> names) => names
            .Where(name => name.Length > 2 && Regex.IsMatch(question, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(50)))
            .MaxBy(name => name.Length);
        return (Named(profile.Users), Named(profile.Features), Named(profile.Teams));
    }

    private static Topic Other(string question, bool namesData) =>
        Greeting().IsMatch(question) ? Topic.Greeting : namesData ? Topic.Total : Topic.OutOfScope;

    private static string CategoryOf(List<Topic> topics, bool isAssumed)
    {
        if (topics.Contains(Topic.Greeting) || topics.Contains(Topic.OutOfScope)) return Category.General;
        if (topics.Contains(Topic.RoutingPatch)) return Category.Configuration;
        if (topics.Contains(Topic.SetBudget) || topics.Contains(Topic.SetAlert)) return Category.Monitoring;
        if (topics.Contains(Topic.Anomaly) || topics.Contains(Topic.FullReport) || topics.Contains(Topic.Forecast)) return Category.Monitoring;
        if (topics.Contains(Topic.Prices) && !topics.Contains(Topic.WhatIf)) return Category.Supply;
        if (topics.Contains(Topic.Latency)) return Category.Performance;
        if (topics.Contains(Topic.DataQuality) || topics.Contains(Topic.Unpriced)) return Category.Quality;
        if (topics.Contains(Topic.Caching) || topics.Contains(Topic.Batch)) return Category.Configuration;
        if (topics.Contains(Topic.WhatIf) && !isAssumed) return Category.ModelSelection;
        if (topics.Exists(topic => topic is Topic.Total or Topic.Savings or Topic.ByModel or Topic.ByUser or Topic.ByTeam or Topic.WhatIf)) return Category.Cost;
        return Category.Workload;
    }

    private static List<Topic> Lacking(List<Topic> topics, DataProfile profile)
    {
        var needs = new (Topic Topic, string Column)[]
        {
            (Topic.ByUser, "user_id"), (Topic.ByTeam, "team"), (Topic.ByFeature, "feature"), (Topic.Latency, "latency_ms"),
            (Topic.Caching, "prefix_hash"), (Topic.Duplicates, "prompt_hash"), (Topic.ByDay, "at"), (Topic.Anomaly, "at"), (Topic.Forecast, "at"),
        };
        return [.. needs.Where(need => topics.Contains(need.Topic) && !profile.Has(need.Column)).Select(need => need.Topic)];
    }

    private static int Top(string question) =>
        TopN().Match(question) is { Success: true } match && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 100 ? n : 10;

    private static long? MinTokens(string question) =>
        OverTokens().Match(question) is { Success: true } match
        && long.TryParse(match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    public static bool IsOptimising(Intent intent) => intent.Topics.Any(topic => Optimising.Contains(topic));

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b(ran|run|runs|were|was|are|is|served|sent|went|used|use)\s+(all\s+|entirely\s+)?(on|by|with|to|through|via|using)?\s*$|\b(price|priced)\b.*\b(at|on|with|as|for)\s*$|\bassum(e|ing|ed)\b.*$|\bgiven\b.*\bon\s*$", Options)]
    private static partial Regex Assumption();

    [GeneratedRegex(@"\b(would|could|instead|switch\w*|mov(e|ing|ed)|replac\w+|what if|if (we|i|it|they) (had )?(used|ran|run)|compare\w*|versus|vs|cheaper|and what)\b", Options)]
    private static partial Regex WouldBe();

    [GeneratedRegex(@"^\W*(would|instead|have cost|cost instead|be cheaper)", Options)]
    private static partial Regex WouldHave();

    [GeneratedRegex(@"^\s*(and|what about|how about|only|now|same|also|but)\b", Options)]
    private static partial Regex FollowUp();

    [GeneratedRegex(@"^\s*(hi|hello|hey|good (morning|afternoon|evening)|thanks|thank you|ok|okay|test|ping|who are you|what (can|do) you do|help)\b", Options)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"\b(?:top|first|largest|biggest|costliest)\s+(\d{1,3})\b", Options)]
    private static partial Regex TopN();

    [GeneratedRegex(@"\b(?:over|above|more than|longer than|at least|>)\s*([\d,]+)\s*tokens", Options)]
    private static partial Regex OverTokens();
}
