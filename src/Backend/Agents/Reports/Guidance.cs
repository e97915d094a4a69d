using Throughline.Analysis.Facts;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents.Reports;

/// <summary>What Throughline can do, what it needs, and the questions that fit the data at hand.</summary>
internal sealed class Guidance(Intent intent, DataProfile? profile, IAgentRun run, FactTable facts)
{
    public string Write()
    {
        var lead = intent.Asks(Topic.Greeting)
            ? "**Hello. Throughline answers questions about what your AI usage costs.** Your message is kept in this thread; there is no figure in it to look up."
            : profile is null
                ? "**There is no usage data in this thread yet, so there is nothing to compute from.**"
                : "**This question can’t be answered from the usage data.** Throughline looks only at usage files: models, tokens, costs, users, features, days, latency.";
        if (profile is null)
        {
            lead += " Attach a usage export: CSV, JSON, JSONL or Parquet, each plain or gzip, from LiteLLM, OpenAI, Langfuse, OpenTelemetry or any table with tokens per request.";
        }
        else
        {
            facts.AddTerm("file", run.Files[0].File.Name);
            lead += " {{c:file}} is attached.";
        }

        return lead + "\n\nQuestions that fit:\n\n" + string.Join("\n", Fitting().Take(3).Select(question => $"- {question}"));
    }

    /// <summary>Up to three questions that the file can answer and that were not just asked.</summary>
    public IReadOnlyList<string> FollowUps() => [.. Fitting().Take(3)];

    private IEnumerable<string> Fitting()
    {
        if (profile is null)
        {
            return ["What did we spend, and on what?", "Why did spend jump?", "What should we change first?"];
        }

        if (!profile.Has("model") && intent.Scope.AssumedModel is null)
            return ["All requests ran on gpt-4o. What did they cost?", "How many tokens does a request use?", "Which requests are the largest?"];
        var questions = new List<(string Text, Topic Topic, bool Fits)>
        {
            ("What should we change first?", Topic.Savings, profile.Has("feature")),
            ("Why did spend jump?", Topic.Anomaly, profile.Has("at") && profile.Has("model")),
            ("What does each feature cost?", Topic.ByFeature, profile.Has("feature")),
            ("Who spends the most?", Topic.ByUser, profile.Has("user_id")),
            ("Which requests cost the most?", Topic.TopRequests, true),
            ("What would a cheaper model have cost?", Topic.WhatIf, true),
            ("Write this up for finance", Topic.FullReport, profile.Has("model")),
            ("How slow are the slowest requests?", Topic.Latency, profile.Has("latency_ms")),
            ("How many tokens does a request use?", Topic.Tokens, true),
        };
        return questions.Where(question => question.Fits && !intent.Asks(question.Topic)).Select(question => question.Text);
    }
}
