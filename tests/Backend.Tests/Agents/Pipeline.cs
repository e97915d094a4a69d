using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;

namespace Throughline.Backend.Tests.Agents;

internal static class Pipeline
{
    public static Task<AgentResult> RunAsync(
        IAgentRun run, CancellationToken cancellationToken, IReadOnlyList<IUsageTool>? tools = null, AnalysisOptions? options = null) =>
        new AgentPipeline(tools ?? UsageTools.All, PriceTable.Load(), Options.Create(options ?? new AnalysisOptions()), TimeProvider.System, NullLogger<AgentPipeline>.Instance)
            .RunAsync(run, cancellationToken);
}
