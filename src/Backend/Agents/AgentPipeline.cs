using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Gates;
using Throughline.Backend.Agents.Models;
using Throughline.Backend.Agents.Reports;
using Throughline.Backend.Agents.Triage;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Agents;

/// <summary>Triage, specialists, report, quality gate: only those that the question needs.</summary>
/// <remarks>
/// Every computation is a step of the run's journal and every event follows from the journal, so a resumed run emits
/// the same events and sends the same bytes.
/// </remarks>
internal sealed partial class AgentPipeline(
    IReadOnlyList<IUsageTool> tools, PriceTable prices, ModelWriter model, IOptions<AnalysisOptions> options, TimeProvider clock, ILogger<AgentPipeline> logger) : IAgentPipeline
{
    public async Task<AgentResult> RunAsync(IAgentRun run, CancellationToken cancellationToken)
    {
        var writer = new RunWriter(run);
        await using var runner = new ToolRunner(run, tools, prices, options.Value, clock, logger);
        var (intent, profile) = await writer.StageAsync("triage", () => TriageAsync(run, runner, cancellationToken), cancellationToken);
        if (profile is not null || intent.Asks(Topic.Prices)) await new Specialists(writer, runner, intent, profile ?? DataProfile.Empty, prices).WorkAsync(cancellationToken);

        var (draft, phrased) = await writer.StageAsync("report", () => ReportAsync(run, runner, intent, profile, cancellationToken), cancellationToken);
        var answer = await writer.StageAsync("quality_gate", () => run.StepAsync(
            "answer", stop => GateAsync(run, runner, intent, profile, draft, phrased, stop), AgentJson.Default.GatedAnswer, cancellationToken), cancellationToken);

        foreach (var (key, first) in answer.FirstRows) runner.Facts.AddRows(key, first);
        await run.SaveFactsAsync([.. runner.Facts.Keys.Select(key => runner.Facts[key])], cancellationToken);
        await SendAsync(writer, answer, cancellationToken);

        var figures = answer.Cited.Select(key => runner.Facts[key])
            .Select(fact => new Figure(fact.Text, fact.Value, fact.Unit, fact.Id, fact.Producer.ToolCallId)).ToArray();
        var status = runner.Failures.Count > 0 ? "partial" : "completed";
        Log.Answered(logger, run.RunId, intent.Category, status, figures.Length, answer.Quality.Score);
        return new AgentResult(new RunResult(status, intent.Category, answer.Quality, figures, answer.FollowUps), answer.Usage);
    }

    private async Task<(Intent Intent, DataProfile? Profile)> TriageAsync(IAgentRun run, ToolRunner runner, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(run.StartedAt.UtcDateTime);
        var profile = run.Files.Count == 0 ? null : await runner.ProfileAsync(cancellationToken);
        var intent = IntentReader.Read(run.Question, run.EarlierQuestions, profile ?? DataProfile.Empty, prices, today, run.TimeZone);
        return (intent, profile);
    }

    private async Task<(Draft Draft, ModelText? Phrased)> ReportAsync(
        IAgentRun run, ToolRunner runner, Intent intent, DataProfile? profile, CancellationToken cancellationToken)
    {
        var draft = new ReportWriter(runner, intent, profile, run).Write();
        if (!model.IsConfigured || runner.Facts.Keys.Count == 0) return (draft, null);
        var messages = ModelPrompt.For(run.Question, runner.Facts, draft.Text);
        return (draft, await run.StepAsync("phrase", stop => model.WriteAsync(run.UserId, messages, stop), AgentJson.Default.ModelText, cancellationToken));
    }

    /// <summary>Sends the model's words if they pass, else its one repair if that passes, else the deterministic draft.</summary>
    private async Task<GatedAnswer> GateAsync(
        IAgentRun run, ToolRunner runner, Intent intent, DataProfile? profile, Draft draft, ModelText? phrased, CancellationToken cancellationToken)
    {
        var usage = new List<ModelUsage>();
        if (phrased?.Usage is { } first) usage.Add(first);
        if (phrased?.Template is { } template)
        {
            var (passed, quality) = await TryAsync(template);
            if (passed is null)
            {
                var reasons = quality.Gates.Where(gate => !gate.Passed).Select(gate => gate.Detail ?? gate.Name);
                var repaired = await model.WriteAsync(run.UserId, ModelPrompt.Repair(ModelPrompt.For(run.Question, runner.Facts, draft.Text), template, reasons), cancellationToken);
                if (repaired.Usage is { } second) usage.Add(second);
                if (repaired.Template is { } again) (passed, quality) = await TryAsync(again);
            }

            if (passed is not null) return await AcceptAsync(passed, quality);
        }

        var judged = await JudgeAsync(run, runner, intent, profile, draft, cancellationToken);
        if (!judged.Passed())
        {
            Log.Rejected(logger, run.RunId, Reasons(judged));
            // The plain list of figures states nothing but the figures; the score keeps what the draft failed.
            draft = new ReportWriter(runner, intent, profile, run).WriteFigures();
        }

        return await AcceptAsync(draft, judged);

        async Task<(Draft? Passed, RunQuality Quality)> TryAsync(string text)
        {
            var candidate = new ReportWriter(runner, intent, profile, run).WriteAround(text);
            var quality = await JudgeAsync(run, runner, intent, profile, candidate, cancellationToken);
            if (!quality.Passed()) Log.Rejected(logger, run.RunId, Reasons(quality));
            return (quality.Passed() ? candidate : null, quality);
        }

        async Task<GatedAnswer> AcceptAsync(Draft accepted, RunQuality quality)
        {
            var cited = Renderer.Cited(accepted);
            return new GatedAnswer(
                Renderer.Render(accepted, runner.Facts), quality, cited, accepted.FollowUps, await runner.FirstRowsAsync(cited, cancellationToken),
                usage.Count == 0 ? null : usage);
        }
    }

    private static string Reasons(RunQuality quality) => string.Join("; ", quality.Gates.Where(gate => !gate.Passed).Select(gate => gate.Detail));

    private Task<RunQuality> JudgeAsync(
        IAgentRun run, ToolRunner runner, Intent intent, DataProfile? profile, Draft draft, CancellationToken cancellationToken)
    {
        var names = prices.Rows.Select(row => row.Model).Concat(profile?.Models ?? []).Concat(run.Files.Select(file => file.File.Name)).Distinct().ToArray();
        return QualityGate.JudgeAsync(new GateInput(draft, runner.Facts, names, intent, run.Question), runner.RecomputeAsync, cancellationToken);
    }

    private static async Task SendAsync(RunWriter writer, GatedAnswer answer, CancellationToken cancellationToken)
    {
        for (var i = 0; i < answer.Blocks.Count; i++)
        {
            var key = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (answer.Blocks[i].Text is { } text) await writer.TextAsync(key, text, cancellationToken);
            else await writer.ActivityAsync(key, answer.Blocks[i], cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} ({Category}) {Status} with {Figures} figures, score {Score}")]
        public static partial void Answered(ILogger logger, string runId, string category, string status, int figures, double score);

        [LoggerMessage(2, LogLevel.Warning, "The draft of run {RunId} did not pass the quality gate: {Reasons}")]
        public static partial void Rejected(ILogger logger, string runId, string reasons);
    }
}
