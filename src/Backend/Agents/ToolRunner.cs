using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Files.Contents;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Agents;

/// <summary>A tool that gave no result, in words for the answer.</summary>
internal sealed record ToolFailure(string Tool, string Reason);

/// <summary>What the journal keeps of a tool call.</summary>
internal sealed record ToolStep(ToolOutput? Output, string? Error = null);

/// <summary>Runs one run's tools, each a step of its journal, and gathers their facts.</summary>
internal sealed partial class ToolRunner(
    IAgentRun run, IReadOnlyList<IUsageTool> tools, PriceTable prices, AnalysisOptions options, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly IReadOnlyList<UsageSource> _files = [.. run.Files.Select(file => new UsageSource(file.File.Id, file.File.Name, file.File.Sha256))];

    private readonly Dictionary<string, ToolOutput> _outputs = new(StringComparer.Ordinal);
    private readonly List<ToolFailure> _failures = [];
    private OpenedRows? _rows;
    private UsageSession? _session;
    private int _calls;

    public FactTable Facts { get; } = new(key => run.IdFor("fact." + key));

    public IReadOnlyList<ToolFailure> Failures => _failures;

    public IReadOnlyList<UsageSource> Files => _files;

    /// <summary>What a tool found, by the key it was called under; null where it failed or was not asked.</summary>
    public ToolOutput? Output(string key) => _outputs.GetValueOrDefault(key);

    public Task<DataProfile> ProfileAsync(CancellationToken cancellationToken) => run.StepAsync(
        "profile", async stop => await DataProfile.ReadAsync(await SessionAsync(stop), stop), AgentJson.Default.DataProfile, cancellationToken);

    public async Task CallAsync<TArguments>(string key, string name, TArguments arguments, string? specialist, CancellationToken cancellationToken)
        where TArguments : ToolArguments
    {
        var tool = tools.First(tool => tool.Name == name);
        var json = JsonSerializer.Serialize(arguments, typeof(TArguments), ToolJson.Default);
        var step = string.Create(CultureInfo.InvariantCulture, $"tool.{_calls++}.{name}");
        var call = run.IdFor(step).ToString();
        await run.EmitAsync(new ToolCallStart(call, name) { SubagentRunId = specialist }, cancellationToken);
        await run.EmitAsync(new ToolCallArgs(call, json) { SubagentRunId = specialist }, cancellationToken);
        await run.EmitAsync(new ToolCallEnd(call) { SubagentRunId = specialist }, cancellationToken);
        var result = await run.StepAsync(step, stop => ComputeAsync(tool, json, call, stop), AgentJson.Default.ToolStep, cancellationToken);
        var content = new ToolResultContent(result.Error ?? "", [], result.Error);
        if (result.Output is { } output)
        {
            _outputs[key] = output;
            var producer = new FactProducer(tool.Name, tool.Version, json, FactTable.HashOf(tool.Name, tool.Version, json, _files), output.Query, call);
            var facts = Facts.Add(output, producer, _files, prices.Version, run.ThreadId, run.RunId);
            content = new ToolResultContent(
                Facts.Markdown(output.Summary), [.. facts.Take(100).Select(fact => new Figure(fact.Text, fact.Value, fact.Unit, fact.Id, call))]);
        }
        else
        {
            _failures.Add(new ToolFailure(name, result.Error!));
        }

        await run.EmitAsync(
            new ToolCallResult(run.IdFor(step + ".result").ToString(), call, JsonSerializer.Serialize(content, WireJson.Default.ToolResultContent)) { SubagentRunId = specialist },
            cancellationToken);
    }

    /// <summary>Calls a tool that changes something: the call stands without a result until its owner has decided.</summary>
    /// <returns>The call's id.</returns>
    public async Task<string> ProposeAsync(string name, string arguments, string specialist, CancellationToken cancellationToken)
    {
        var call = run.IdFor("proposal." + name).ToString();
        await run.EmitAsync(new ToolCallStart(call, name) { SubagentRunId = specialist }, cancellationToken);
        await run.EmitAsync(new ToolCallArgs(call, arguments) { SubagentRunId = specialist }, cancellationToken);
        await run.EmitAsync(new ToolCallEnd(call) { SubagentRunId = specialist }, cancellationToken);
        return call;
    }

    /// <summary>The first rows behind the given facts, for those who look at a source; at most a few sets of rows.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>> FirstRowsAsync(
        IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        const int MostSets = 8;
        var sets = new Dictionary<RowFilter, IReadOnlyList<IReadOnlyDictionary<string, string>>>();
        var rows = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>();
        foreach (var key in keys)
        {
            if (Facts.Draft(key).Rows is not { } filter) continue;
            if (!sets.TryGetValue(filter, out var first))
            {
                if (sets.Count == MostSets) continue;
                first = await (await SessionAsync(cancellationToken)).FirstRowsAsync(filter, 3, cancellationToken);
                sets.Add(filter, first);
            }

            rows[key] = first;
        }

        return rows;
    }

    /// <summary>Runs the tools behind the cited facts once more, over the stored rows.</summary>
    /// <returns>The keys that do not come out the same.</returns>
    public async Task<IReadOnlyList<string>> RecomputeAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken);
        session.Forget();
        var context = new ToolContext(session, prices);
        var wrong = new List<string>();
        foreach (var group in keys.Select(key => Facts[key]).GroupBy(fact => (fact.Producer.Tool, fact.Producer.Arguments)))
        {
            var again = await tools.First(tool => tool.Name == group.Key.Tool).RunAsync(context, group.Key.Arguments, cancellationToken);
            wrong.AddRange(group.Where(fact => !FactChecker.Agrees(fact, again)).Select(fact => fact.Key));
        }

        return wrong;
    }

    private async Task<ToolStep> ComputeAsync(IUsageTool tool, string arguments, string call, CancellationToken cancellationToken)
    {
        using var span = AgentSpans.Tool(tool.Name, call);
        var step = await TryAsync(tool, arguments, cancellationToken);
        if (step.Error is { } error) span?.SetStatus(ActivityStatusCode.Error, error);
        return step;
    }

    private async Task<ToolStep> TryAsync(IUsageTool tool, string arguments, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ToolTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var context = new ToolContext(await SessionAsync(either.Token), prices);
            // Waits no longer than the limit even for a tool that does not heed it.
            return new ToolStep(await tool.RunAsync(context, arguments, either.Token).WaitAsync(either.Token));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.ToolTimedOut(logger, tool.Name, run.RunId);
            return new ToolStep(null, string.Create(CultureInfo.InvariantCulture, $"did not answer within {options.ToolTimeout.TotalSeconds:0.###} s"));
        }
        catch (AnalysisMemoryException)
        {
            return new ToolStep(null, string.Create(CultureInfo.InvariantCulture, $"ran out of its {options.MemoryMb} MB"));
        }
        catch (Exception error) when (error is not (OperationCanceledException or ContentAwayException))
        {
            // One tool's failure leaves an honest answer from the others; the answer says what is missing.
            Log.ToolFailed(logger, tool.Name, run.RunId, error);
            return new ToolStep(null, "failed");
        }
    }

    private async Task<UsageSession> SessionAsync(CancellationToken cancellationToken)
    {
        _rows ??= await OpenedRows.OpenAsync(run.Files, cancellationToken);
        return _session ??= await UsageSession.OpenAsync(_rows.Datasets, options, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        _rows?.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Tool {Tool} of run {RunId} took longer than it may")]
        public static partial void ToolTimedOut(ILogger logger, string tool, string runId);

        [LoggerMessage(2, LogLevel.Error, "Tool {Tool} of run {RunId} failed")]
        public static partial void ToolFailed(ILogger logger, string tool, string runId, Exception error);
    }
}
