using Throughline.Analysis.Facts;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Actions;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents.Reports;

/// <summary>Writes the deterministic answer: the first sentence bold and complete in itself, then figures, charts, plan, notes.</summary>
internal sealed class ReportWriter(ToolRunner tools, Intent intent, DataProfile? profile, IAgentRun run, ProposedAction? proposed = null)
{
    private readonly List<DraftBlock> _blocks = [];
    private IReadOnlyList<PlanAction> _plan = [];

    private FactTable Facts => tools.Facts;

    public Draft Write()
    {
        if (intent.Action is { } wish)
        {
            if (tools.Failures.Count > 0) Text(Failed());
            Text(proposed is null ? ActionText.Lacking(wish.Topic) : ActionText.Asked(proposed, Facts));
            if (proposed is not null) Plan();
            return Done();
        }

        if (profile is null || intent.Asks(Topic.Greeting) || intent.Asks(Topic.OutOfScope))
        {
            if (profile is null && tools.Output("price_list") is { Items.Count: > 0 }) Prices();
            else Text(new Guidance(intent, profile, run, Facts).Write());
            return Done();
        }

        if (tools.Failures.Count > 0) Text(Failed());
        Lead();
        Anomaly();
        Charts();
        Forecast();
        WhatIf();
        TopRequests();
        Percentiles();
        Quality();
        Prices();
        Savings();
        Plan();
        Notes();
        return Done();
    }

    /// <summary>Another's words in place of ours; charts, plan and notes stay what they are.</summary>
    public Draft WriteAround(string template)
    {
        if (tools.Failures.Count > 0) Text(Failed());
        Text(template);
        Charts();
        Plan();
        Notes();
        return Done();
    }

    /// <summary>The figures alone, each with its name: what is sent when a draft does not pass.</summary>
    public Draft WriteFigures()
    {
        _blocks.Clear();
        _plan = [];
        var keys = Facts.Keys.Where(key => key.StartsWith("spend.total", StringComparison.Ordinal) || key.StartsWith("spend.requests", StringComparison.Ordinal)
            || key.StartsWith("spend.input", StringComparison.Ordinal) || key.StartsWith("spend.output", StringComparison.Ordinal) || key.EndsWith(".total", StringComparison.Ordinal)).ToArray();
        foreach (var key in keys) Facts.AddTerm("subject." + key, Facts[key].Subject);
        Text(keys.Length == 0
            ? new Guidance(intent, profile, run, Facts).Write()
            : "**These are the figures.**" + Period(" They cover {{t:period}}.") + "\n\n" + string.Join("\n", keys.Select(key => $"- {{{{t:subject.{key}}}}}: {{{{f:{key}}}}}")));
        if (keys.Length > 0) Notes();
        return Done();
    }

    private void Lead()
    {
        if (intent.Asks(Topic.Prices) && !intent.Asks(Topic.Total)) return;
        var assumed = intent.Scope.AssumedModel is not null;
        if (!Facts.Has("spend.total"))
        {
            if (tools.Output("spend_total") is null) return;
            if (intent.Asks(Topic.Latency) || intent.Asks(Topic.Tokens) || intent.Asks(Topic.DataQuality))
            {
                Text("**{{f:spend.requests}} requests used {{f:spend.input_tokens}} input and {{f:spend.output_tokens}} output tokens.**" + Period(" They run {{t:period}}.", " They run from {{t:period}}."));
                return;
            }

            Facts.AddTerm("file", run.Files[0].File.Name);
            Text((profile!.Has("model") ? "**None of the models in {{c:file}} has a price.**" : "**{{c:file}} names no model, so its cost can’t be worked out yet.**")
                + " It holds {{f:spend.requests}} requests with {{f:spend.input_tokens}} input and {{f:spend.output_tokens}} output tokens" + Period(", {{t:period}}") + ".\n\n"
                + (profile.Has("model") ? "Ask what they would have cost on a model that has a price, e.g. gpt-4o-mini." : "Say which model they ran on, e.g. *All requests ran on gpt-4o. What did they cost?* Tokens can be answered as the file is."));
            return;
        }

        if (intent.Scope is { } scope && (scope.User ?? scope.Feature ?? scope.Team ?? scope.Model) is { } narrowed) Facts.AddTerm("scope", narrowed);
        var of = Facts.HasTerm("scope") ? " for {{c:scope}}" : "";
        var breakdown = Breakdown();
        if (Facts.Has("anomaly.usual") && (intent.Asks(Topic.Anomaly) || intent.Asks(Topic.FullReport))) return;
        if (intent.Compare is not null && Facts.Has("second.spend.total"))
        {
            Text("**" + Period("From {{t:period}}") + " you spent {{f:spend.total}}" + of + "; " + (Facts.HasTerm("second.period") ? "from {{t:second.period}} it was " : "then ") + "{{f:second.spend.total}}.** That is {{f:spend.requests}} requests against {{f:second.spend.requests}}.");
            return;
        }

        if (intent.Asks(Topic.Anomaly)) Text("**No day stands out.** " + Spent(of));
        else if (breakdown is not null) Text(breakdown + " " + Spent(of));
        else if (assumed)
        {
            Text("**On {{t:assumed}}, these requests cost {{f:spend.total}} at list price.**" + Period(" The file covers {{t:period}}:", "") + " {{f:spend.requests}} requests with {{f:spend.input_tokens}} input and {{f:spend.output_tokens}} output tokens."
                + WhatIfSentences());
        }
        else Text("**You spent {{f:spend.total}}" + of + " on {{f:" + Requests + "}} requests" + Period(", {{t:period}}") + ".** They used {{f:spend.input_tokens}} input and {{f:spend.output_tokens}} output tokens." + Share() + WhatIfSentences());
    }

    private string Spent(string of) => intent.Scope.AssumedModel is null
        ? Period("From {{t:period}} you", "You") + " spent {{f:spend.total}}" + of + " on {{f:" + Requests + "}} requests."
        : Period("From {{t:period}} these", "These") + " requests cost {{f:spend.total}} on {{t:assumed}} at list price, {{f:" + Requests + "}} of them.";

    /// <summary>Spend is of the requests that have a price.</summary>
    private string Requests => Facts.Has("spend.priced_requests") ? "spend.priced_requests" : "spend.requests";

    private string Share() => Facts.Has("spend.per_request") ? " A request cost {{f:spend.per_request}} on average." : "";

    /// <summary>What comes first in each breakdown that was asked for.</summary>
    private string? Breakdown()
    {
        var found = new List<string>();
        foreach (var by in (string[])["model", "feature", "user", "team"])
        {
            if (tools.Output("spend_by_" + by) is not { Items: [var first, ..] } || !Facts.Has($"spend.by-{by}.{first}")) continue;
            var bold = found.Count == 0 ? "**" : "";
            found.Add($"{bold}{Kind(by)} {{{{c:by-{by}.{first}}}}} costs the most: {{{{f:spend.by-{by}.{first}}}}}"
                + (Facts.Has($"spend.by-{by}.{first}.share") ? $", {{{{f:spend.by-{by}.{first}.share}}}} of spend" : "") + "." + bold);
        }

        // With one name only there is no most.
        return found.Count == 0 ? null : string.Join(" ", found.Select(Single));
        string Single(string sentence) => FactTable.FactsIn(sentence).Any(key => Facts.Draft(key).Senses.Contains(Sense.Most)) ? sentence : sentence.Replace("costs the most: ", "costs ", StringComparison.Ordinal);
    }

    private static string Kind(string by) => by switch { "model" => "Model", "feature" => "Feature", "user" => "User", _ => "Team" };

    private void Anomaly()
    {
        if (!Facts.Has("anomaly.usual") || !(intent.Asks(Topic.Anomaly) || intent.Asks(Topic.FullReport) || intent.Asks(Topic.ByDay))) return;
        var day = "spend.day." + tools.Output("spend_by_day")!.Items.First(item => Facts.Draft("spend.day." + item).Senses.Contains(Sense.Up));
        var cause = Facts.Has("anomaly.cause.cost");
        var isLead = intent.Asks(Topic.Anomaly) || intent.Asks(Topic.FullReport);
        var first = !isLead ? "" : cause && Facts.HasTerm("anomaly.feature")
            ? "**{{c:anomaly.feature}} on {{t:anomaly.day}} explains the jump.** " + Spent("") + " "
            : "**{{t:anomaly.day}} stands out.** " + Spent("") + " ";
        Text(first + $"{{{{t:anomaly.day}}}} alone cost {{{{f:{day}}}}}, {{{{f:anomaly.times}}}} a usual {{{{t:anomaly.peer}}}}.");
        if (!cause) return;
        var who = Facts.HasTerm("anomaly.feature") ? "{{c:anomaly.feature}}" : "the work";
        var text = "That day from {{t:anomaly.from}} to {{t:anomaly.to}} {{t:anomaly.zone}}, " + who + " ran on {{t:anomaly.model}}"
            + (Facts.HasTerm("anomaly.usual_model") ? " instead of {{t:anomaly.usual_model}}." : ".")
            + " That cost {{f:anomaly.cause.cost}} for {{f:anomaly.cause.requests}} requests with {{f:anomaly.cause.input_tokens}} input and {{f:anomaly.cause.output_tokens}} output tokens.";
        if (Facts.Has("anomaly.cause.on_usual_model")) text += " On {{t:anomaly.usual_model}} the same requests cost {{f:anomaly.cause.on_usual_model}}.";
        Text(text);
    }

    private void Charts()
    {
        foreach (var by in (string[])["model", "feature", "user", "team"])
        {
            if (tools.Output("spend_by_" + by)?.Chart is not { } chart) continue;
            // The bar that matters is the one that the answer explains.
            var explained = by == "model" && Facts.HasTerm("anomaly.model") ? Facts.Terms["anomaly.model"] : null;
            Chart(explained is not null && chart.Points.Any(point => point.Label == explained)
                ? chart with { Points = [.. chart.Points.Select(point => point with { Emphasis = point.Label == explained })] } : chart);
        }

        if ((tools.Output("forecast_month_end") ?? tools.Output("spend_by_day"))?.Chart is { } days) Chart(days);
        else if (tools.Output("spend_by_day")?.Chart is { } alone) Chart(alone);
    }

    private void Forecast()
    {
        if (tools.Output("forecast_month_end") is not { } forecast) return;
        if (Facts.Has("forecast.month_end"))
        {
            Text((Facts.Has("anomaly.usual") ? "Without another such day, {{t:forecast.month}}" : "{{t:forecast.month}}")
                + " ends near {{f:forecast.month_end}}, between {{f:forecast.low}} and {{f:forecast.high}} with {{f:forecast.confidence}} confidence.");
        }
        else if (intent.Asks(Topic.Forecast))
        {
            Text(forecast.Missing == "complete" ? "{{t:forecast.month}} is complete at {{f:forecast.spent}}; there is nothing left to forecast." : "The data covers too few days for a forecast: a week is the least.");
        }
    }

    private string WhatIfSentences()
    {
        var text = "";
        foreach (var model in intent.WhatIfModels)
        {
            var key = $"whatif.{model}";
            if (!Facts.Has(key + ".total")) continue;
            text += $" On {{{{t:{key}.model}}}} the same requests would have cost {{{{f:{key}.total}}}}"
                + (Facts.Has(key + ".difference") ? $", {{{{f:{key}.difference}}}} ({{{{f:{key}.percent}}}}) {(Facts.Draft(key + ".difference").Senses.Contains(Sense.Less) ? "less" : "more")}." : ".");
        }

        return text;
    }

    private void WhatIf()
    {
        var candidates = Facts.Keys.Where(key => key.StartsWith("top.whatif.", StringComparison.Ordinal) && key.EndsWith(".total", StringComparison.Ordinal))
            .Concat(intent.WhatIfModels.Count == 0 ? Facts.Keys.Where(key => key.StartsWith("whatif.", StringComparison.Ordinal) && key.EndsWith(".total", StringComparison.Ordinal)) : []).ToArray();
        if (candidates.Length > 0)
        {
            var model = intent.Scope.AssumedModel ?? intent.Scope.Model ?? (tools.Output("spend_by_model")?.Items is [var first, ..] ? first : profile!.Models[0]);
            Facts.AddTerm("candidates.of", model);
            var rows = candidates.Select(key => key[..^".total".Length]).Select(key => (IReadOnlyList<CellDraft>)
            [
                new CellDraft($"{{{{t:{key}.model}}}}"), new CellDraft("", $"{key}.total"), Facts.Has(key + ".difference") ? new CellDraft("", $"{key}.difference") : new CellDraft(""),
            ]).ToArray();
            Text("These are cheaper candidates for {{t:candidates.of}}, each priced on its own requests: {{f:" + candidates[0][..^".total".Length] + ".difference}} is what the first would have saved.");
            Table(new TableDraft("Candidates", "The same requests at today’s list price, USD", "plain", [new("Model"), new("Would have cost", "end"), new("Difference", "end")], rows));
        }

        if (candidates.Length > 0 || intent.WhatIfModels.Any(model => Facts.Has($"whatif.{model}.total")))
            Text("Another model is a candidate: its answers are not measured here. Compare them on your own requests before you move. Assumed models are priced at the list price of {{t:priced_on}}.");
    }

    private void TopRequests()
    {
        if (tools.Output("top_requests") is not { } top) return;
        if (Facts.Has("over.requests")) Text("{{f:over.requests}} requests have more than {{f:over.limit}} tokens" + (Facts.Has("spend.total") ? "; they cost {{f:over.cost}}." : "."));
        if (top.Items.Count == 0) return;
        var priced = Facts.Has("top.1.cost");
        Table(new TableDraft(priced ? "Costliest requests" : "Largest requests", "By line of the file", "plain",
            [new("Line"), new("When"), new("Model"), new("Feature"), new("Tokens", "end"), new("Cost", "end")],
            [.. top.Items.Select(item => (IReadOnlyList<CellDraft>)
            [
                new CellDraft($"{{{{t:top.{item}.line}}}}"), new CellDraft($"{{{{t:top.{item}.at}}}}"), new CellDraft($"{{{{t:top.{item}.model}}}}"), new CellDraft($"{{{{t:top.{item}.feature}}}}"),
                new CellDraft("", $"top.{item}.tokens"), Facts.Has($"top.{item}.cost") ? new CellDraft("", $"top.{item}.cost") : new CellDraft("no price"),
            ])]));
    }

    private void Percentiles()
    {
        if (tools.Output("percentiles") is null || !Facts.Has("p50.input")) return;
        Text(Facts.Has("p50.latency")
            ? "The median request took {{f:p50.latency}}, one of the slow ones {{f:p95.latency}}."
            : "The median request had {{f:p50.input}} input and {{f:p50.output}} output tokens.");
        var measures = new (string Name, string Label)[] { ("latency", "Latency"), ("first_token", "Time to first token"), ("input", "Input tokens"), ("output", "Output tokens") }
            .Where(measure => Facts.Has("p50." + measure.Name));
        Table(new TableDraft("Percentiles", "Over single requests", "plain", [new("Measure"), new("p50", "end"), new("p90", "end"), new("p95", "end"), new("p99", "end")],
            [.. measures.Select(measure => (IReadOnlyList<CellDraft>)
            [
                new CellDraft(measure.Label), .. ((int[])[50, 90, 95, 99]).Select(rank => new CellDraft("", $"p{rank}.{measure.Name}")),
            ])]));
    }

    private void Quality()
    {
        if (tools.Output("data_quality") is null) return;
        Text("Of {{f:quality.rows}} rows, {{f:quality.undated}} have no date, {{f:quality.unnamed}} no model, {{f:quality.empty}} no tokens, and {{f:quality.repeated_ids}} repeat a request id."
            + (Facts.Has("quality.failed") ? " {{f:quality.failed}} requests failed ({{f:quality.failed_share}}); they cost {{f:quality.failed_cost}}." : " The file does not say which requests failed."));
    }

    private void Prices()
    {
        if (tools.Output("price_list") is not { Items: { Count: > 0 } items }) return;
        Text(items.Count == 1
            ? $"**{{{{t:price.{items[0]}.model}}}} costs {{{{f:price.{items[0]}.input}}}} for input and {{{{f:price.{items[0]}.output}}}} for output, per token, as the table’s unit says.**"
            : "**These are list prices of {{t:priced_on}}.**");
        Table(new TableDraft("List prices", "US dollars per million tokens", "plain", [new("Model"), new("Input", "end"), new("Cached input", "end"), new("Output", "end"), new("Checked")],
            [.. items.Select(item => (IReadOnlyList<CellDraft>)
            [
                new CellDraft($"{{{{t:price.{item}.model}}}}"), new CellDraft("", $"price.{item}.input"),
                Facts.Has($"price.{item}.cached_input") ? new CellDraft("", $"price.{item}.cached_input") : new CellDraft("no discount"), new CellDraft("", $"price.{item}.output"),
                new CellDraft($"{{{{t:price.{item}.checked}}}}"),
            ])]));
    }

    private void Savings()
    {
        foreach (var (tool, kind, topic, words, none) in ((string, string, Topic, string, string)[])
        [
            ("cache_savings", "cache", Topic.Caching, "A prompt cache would have saved", "No prompt beginning long enough to cache comes back within its lifetime."),
            ("duplicate_savings", "duplicates", Topic.Duplicates, "Answering repeated prompts from a store would have saved", "No prompt comes back within a day."),
            ("batch_eligibility", "batch", Topic.Batch, "Sending in batches what nobody waits for would have saved", "No feature looks like work that nobody waits for."),
        ])
        {
            if (!intent.Asks(topic) || tools.Output(tool) is not { } output) continue;
            if (output.Items.Count == 0)
            {
                if (output.Missing is null) Text(none);
                continue;
            }

            Text($"{words} {{{{f:{kind}.total}}}}. " + string.Join(" ", output.Items.Take(3).Select(item =>
                $"On {{{{c:{kind}.{item}.feature}}}} with {{{{t:{kind}.{item}.model}}}} it is {{{{f:{kind}.{item}.saving}}}}, over {{{{f:{kind}.{item}.requests}}}} requests.")));
        }
    }

    private void Plan()
    {
        if (tools.Output("savings_plan") is not { } plan) return;
        if (plan.Actions.Count == 0)
        {
            Text("### What to change\n\nNo change was found that this data bears out. Columns for features, prompt hashes or prompt prefixes would tell more.");
            return;
        }

        _plan = plan.Actions;
        Text("### What to change\n\n" + (plan.Actions.Count == 1 ? "This change would have saved {{f:plan.total}}" : "{{f:plan.count}} changes would have saved {{f:plan.total}}")
            + (Facts.Has("plan.percent") ? ", {{f:plan.percent}} of spend." : ".") + " Each saving is your own rows priced again, and no dollar is counted again in another row.");
        Table(new TableDraft("What to change", "Each change has rows of its own, USD", "plan",
            [new("Action"), new("Saves", "end"), new("Effort"), new("Risk"), new("How to undo")],
            [
                .. plan.Actions.Select(action => (IReadOnlyList<CellDraft>)
                [
                    new CellDraft(action.Title, Hint: action.Hint), new CellDraft("", action.SavingKey), new CellDraft(action.Effort), new CellDraft(action.Risk), new CellDraft(action.Undo, Hint: "To check: " + action.Check),
                ]),
                [new CellDraft("All changes"), new CellDraft("", "plan.total"), new CellDraft(""), new CellDraft(""), new CellDraft("")],
            ]));
    }

    private void Notes()
    {
        if (Facts.Has("budget.spent")) Text("Your monthly budget is {{f:budget.amount}}." + ActionText.Used("", Facts));
        foreach (var per in (string[])["day", "month"])
            if (Facts.Has($"alert.{per}.count")) Text($"Your alert is set at {{{{f:alert.{per}.amount}}}} a {per}." + ActionText.Passed("", per, Facts));
        if (Facts.Has("unpriced.requests") && Facts.Has("spend.total") && tools.Output("unpriced_coverage") is { } unpriced)
        {
            Text("Not in these figures: {{f:unpriced.requests}} requests, {{f:unpriced.share}} of all, name " + string.Join(", ", unpriced.Items.Take(5).Select(item => $"{{{{c:unpriced.{item}}}}}")) + ", which has no price.");
        }

        foreach (var topic in intent.Missing ?? [])
        {
            Text("The file has no column for " + topic switch
            {
                Topic.ByUser => "users, so cost per user can’t be worked out.",
                Topic.ByTeam => "teams, so cost per team can’t be worked out.",
                Topic.ByFeature => "features, so cost per feature can’t be worked out.",
                Topic.Latency => "latency, so response times can’t be worked out.",
                Topic.Caching => "prompt prefixes, so what a cache would save can’t be worked out.",
                Topic.Duplicates => "prompt hashes, so repeated prompts can’t be found.",
                _ => "dates, so days can’t be told apart.",
            });
        }

        if (_blocks.Count == 0) Text(new Guidance(intent, profile, run, Facts).Write());
    }

    private string Failed()
    {
        for (var i = 0; i < tools.Failures.Count; i++)
            Facts.AddTerm($"failure.{i}", $"The {Words(tools.Failures[i].Tool)} tool {tools.Failures[i].Reason}, so there is no {Words(tools.Failures[i].Tool)} below.");
        return "**Partial answer.** " + string.Join(" ", tools.Failures.Select((_, i) => $"{{{{t:failure.{i}}}}}")) + " Every figure that is shown is complete.";
    }

    private static string Words(string tool) => tool switch
    {
        "forecast_month_end" => "forecast",
        "what_if_model" => "what-if",
        "percentiles" => "percentile",
        "top_requests" => "list of requests",
        "unpriced_coverage" => "price coverage",
        _ => tool.Replace('_', ' '),
    };

    private string Period(string with, string without = "") => Facts.HasTerm("period") ? with : without;

    private void Text(string template) => _blocks.Add(new DraftBlock(template));

    private void Chart(ChartDraft chart) => _blocks.Add(new DraftBlock(Chart: chart));

    private void Table(TableDraft table) => _blocks.Add(new DraftBlock(Table: table));

    /// <summary>Paragraphs that follow each other become one message.</summary>
    private Draft Done()
    {
        var joined = new List<DraftBlock>();
        foreach (var block in _blocks)
        {
            if (block.Text is { } text && joined is [.., { Text: { } before }]) joined[^1] = new DraftBlock(before + "\n\n" + text);
            else joined.Add(block);
        }

        return new Draft(joined, new Guidance(intent, profile, run, Facts).FollowUps(), _plan);
    }
}
