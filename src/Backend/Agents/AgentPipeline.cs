using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Gates;
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
    IReadOnlyList<IUsageTool> tools, PriceTable prices, IOptions<AnalysisOptions> options, TimeProvider clock, ILogger<AgentPipeline> logger) : IAgentPipeline
{
    public async Task<AgentResult> RunAsync(IAgentRun run, CancellationToken cancellationToken)
    {
        var writer = new RunWriter(run);
        await using var runner = new ToolRunner(run, tools, prices, options.Value, clock, logger);
        var (intent, profile) = await writer.StageAsync("triage", () => TriageAsync(run, runner, cancellationToken), cancellationToken);
        if (profile is not null || intent.Asks(Topic.Prices)) await new Specialists(writer, runner, intent, profile ?? DataProfile.Empty, prices).WorkAsync(cancellationToken);

        var draft = await writer.StageAsync(
            "report", () => Task.FromResult(new ReportWriter(runner, intent, profile, run).Write()), cancellationToken);
        var answer = await writer.StageAsync("quality_gate", () => run.StepAsync(
            "answer", stop => GateAsync(run, runner, intent, profile, draft, stop), AgentJson.Default.GatedAnswer, cancellationToken), cancellationToken);

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

    private async Task<GatedAnswer> GateAsync(
        IAgentRun run, ToolRunner runner, Intent intent, DataProfile? profile, Draft draft, CancellationToken cancellationToken)
    {
        var quality = await JudgeAsync(run, runner, intent, profile, draft, cancellationToken);
        if (!quality.Passed())
        {
            Log.Rejected(logger, run.RunId, string.Join("; ", quality.Gates.Where(gate => !gate.Passed).Select(gate => gate.Detail)));
            // The plain list of figures states nothing but the figures; the score keeps what the draft failed.
            draft = new ReportWriter(runner, intent, profile, run).WriteFigures();
        }

        var cited = Renderer.Cited(draft);
        return new GatedAnswer(
            Renderer.Render(draft, runner.Facts), quality, cited, draft.FollowUps, await runner.FirstRowsAsync(cited, cancellationToken));
    }

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
