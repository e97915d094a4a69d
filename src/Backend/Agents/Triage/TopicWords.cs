using System.Text.RegularExpressions;

namespace Throughline.Backend.Agents.Triage;

/// <summary>Which words ask for what.</summary>
internal static partial class TopicWords
{
    public static IReadOnlyList<Topic> In(string question)
    {
        var topics = new List<Topic>();
        void Take(Topic topic, Regex words)
        {
            if (words.IsMatch(question) && !topics.Contains(topic)) topics.Add(topic);
        }

        Take(Topic.Anomaly, Anomaly());
        Take(Topic.FullReport, FullReport());
        Take(Topic.ByModel, ByModel());
        Take(Topic.ByUser, ByUser());
        Take(Topic.ByFeature, ByFeature());
        Take(Topic.ByTeam, ByTeam());
        Take(Topic.ByDay, ByDay());
        Take(Topic.TopRequests, TopRequests());
        Take(Topic.Latency, Latency());
        Take(Topic.Forecast, Forecast());
        Take(Topic.Caching, Caching());
        Take(Topic.Duplicates, Duplicates());
        Take(Topic.Batch, Batch());
        Take(Topic.Savings, Savings());
        Take(Topic.Unpriced, Unpriced());
        Take(Topic.DataQuality, DataQuality());
        Take(Topic.WhatIf, WhatIf());
        Take(Topic.Prices, Prices());
        Take(Topic.Tokens, Tokens());
        Take(Topic.Total, Total());
        return topics;
    }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b(jump(ed)?|spik(e|ed|es)|surge(d)?|anomal\w+|outlier days?|unusual|strange|sudden\w*|went up|gone up|shot up|what happened|why (did|is|was|were|are)\b.*\b(spend|cost|bill|usage|high|higher|more|up)|(increase|rise|rose|grew|growth)\b)", Options)]
    private static partial Regex Anomaly();

    [GeneratedRegex(@"\b((write|sum) (this|it|that|everything) up|full report|report for|for finance|overview|summar(y|ise|ize) (of )?(the |our |my |this )?(usage|spend|data|file|month)|on what\b|monthly report)", Options)]
    private static partial Regex FullReport();

    [GeneratedRegex(@"\b((by|per|each|every|which|what|across( the)?) (ai |llm )?models?\b|models? (cost|spend|is|are|was|were) |(most expensive|cheapest|costliest) model)", Options)]
    private static partial Regex ByModel();

    [GeneratedRegex(@"\b((by|per|each|every|which|top|across( the)?|\d+) (\w+ )?(users?|people|persons?|customers?|employees?|accounts?)\b|users? (cost|spend|spends|spent)|who (spen\w+|use[sd]?|cost\w*|is|are|has))", Options)]
    private static partial Regex ByUser();

    [GeneratedRegex(@"\b((by|per|each|every|which|top|across( the)?) (\w+ )?(features?|workloads?|products?|apps?|applications?|tags?|use cases?|endpoints?|traces?)\b|(features?|workloads?) (cost|spend|spends|use)|on what\b)", Options)]
    private static partial Regex ByFeature();

    [GeneratedRegex(@"\b(by|per|each|every|which|top|across( the)?) (\w+ )?(teams?|departments?|groups?|projects?|cost cent(er|re)s?)\b", Options)]
    private static partial Regex ByTeam();

    [GeneratedRegex(@"\b((by|per|each|every|which) (day|date|week|weekday)|daily|day by day|over time|trend|time ?line)\b", Options)]
    private static partial Regex ByDay();

    [GeneratedRegex(@"\b((top|largest|biggest|longest|priciest|costliest|most expensive|heaviest|expensive|huge) (\d+ |ten |five |three )?(single |individual )?(requests?|calls?|prompts?)|requests? (are |with |were )?(over|above|more than|longer than))", Options)]
    private static partial Regex TopRequests();

    [GeneratedRegex(@"\b(latenc\w+|slow\w*|fast\w*|response times?|p50|p90|p95|p99|percentiles?|how long|time to first|ttft|throughput|performance|speed)\b", Options)]
    private static partial Regex Latency();

    [GeneratedRegex(@"\b(forecast\w*|predict\w*|project(ed|ion)|month[- ]?end|end of (the |this )?month|by the end|will (we|it|i|the)\b.*\b(cost|spend|reach|end)|run rate|budget\w*)\b", Options)]
    private static partial Regex Forecast();

    [GeneratedRegex(@"\b(cach(e|es|ed|ing|eable)|prefix\w*|cache_control)\b", Options)]
    private static partial Regex Caching();

    [GeneratedRegex(@"\b(duplicat\w+|repeat\w*|same (prompt|request|question)s?|identical|redundan\w+|dedup\w*)\b", Options)]
    private static partial Regex Duplicates();

    [GeneratedRegex(@"\b(batch\w*|offline|asynchronous|overnight)\b", Options)]
    private static partial Regex Batch();

    [GeneratedRegex(@"\b(sav(e|es|ing|ings)|optimi[sz]\w*|reduc\w+|cut|lower|cheaper|waste\w*|what (should|could|can) (we|i) (change|do)|recommend\w*|improve\w*|action plan|plan\b|change first)\b", Options)]
    private static partial Regex Savings();

    [GeneratedRegex(@"\b(unpriced|no price|without (a )?price|price (coverage|missing)|missing price|not priced|could(n.t| not) be priced)\b", Options)]
    private static partial Regex Unpriced();

    [GeneratedRegex(@"\b(data quality|quality|errors?|fail\w*|invalid|missing (rows|values|data)|complete(ness)?|trust (the|this) data|retr(y|ies))\b", Options)]
    private static partial Regex DataQuality();

    [GeneratedRegex(@"\b(what if|instead|would\b.*\bhave cost|would cost|switch\w*|mov(e|ing) (\w+ ){0,4}to|replac\w+|substitut\w+|alternativ\w+|compare|versus|vs\.?|cheaper model|which model (should|could|would)|better model)\b", Options)]
    private static partial Regex WhatIf();

    [GeneratedRegex(@"\b((list )?prices? (of|for|per|list|table)|what (does|do|is|are)\b.*\b(price|cost per|charge)|price list|price table|per (million|1m|1k) tokens|pricing|catalogu?e|which models (do you|are|have)|cost of a (million )?token)", Options)]
    private static partial Regex Prices();

    [GeneratedRegex(@"\b(tokens?|prompt (size|length)s?|context (size|length)s?|output length|input length|workload|usage|volume|how many requests|number of requests|requests per)\b", Options)]
    private static partial Regex Tokens();

    [GeneratedRegex(@"\b(cost|costs|costing|spend|spent|spending|total|bill|how much|price this|price (the|these|it|them|all)|expens\w+|paid|pay|dollars?|money|usd)\b|\$", Options)]
    private static partial Regex Total();
}
