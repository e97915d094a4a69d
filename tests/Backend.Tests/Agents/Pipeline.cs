using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;
using Throughline.Backend.Agents.Models;

namespace Throughline.Backend.Tests.Agents;

internal static class Pipeline
{
    public static async Task<AgentResult> RunAsync(
        IAgentRun run, CancellationToken cancellationToken, IReadOnlyList<IUsageTool>? tools = null, AnalysisOptions? options = null, ModelOptions? model = null)
    {
        using var writer = new ModelWriter(Options.Create(model ?? new ModelOptions()), TimeProvider.System, NullLogger<ModelWriter>.Instance);
        // A busy machine must not turn a slow tool into a partial answer, unless that is what is tested.
        var limits = options ?? new AnalysisOptions { ToolTimeout = TimeSpan.FromMinutes(1) };
        return await new AgentPipeline(tools ?? UsageTools.All, PriceTable.Load(), writer, Options.Create(limits), TimeProvider.System, NullLogger<AgentPipeline>.Instance)
            .RunAsync(run, cancellationToken);
    }
}
