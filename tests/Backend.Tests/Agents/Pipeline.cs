using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;
using Throughline.Backend.Agents.Models;
using Throughline.Backend.Breakers;
using Throughline.Backend.Tests.Limits;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Agents;

internal static class Pipeline
{
    /// <summary>A model's quota, counted without a store.</summary>
    private static readonly Lazy<LimitNode> Alone = new(() => new(new TestState()));

    public static async Task<AgentResult> RunAsync(
        IAgentRun run, CancellationToken cancellationToken, IReadOnlyList<IUsageTool>? tools = null, AnalysisOptions? options = null, ModelOptions? model = null, Limiter? limiter = null)
    {
        var modelOptions = Options.Create(model ?? new ModelOptions());
        var quota = new ModelQuota(limiter ?? (model is null ? null! : Alone.Value.Limiter), modelOptions, PriceTable.Load(), TimeProvider.System);
        using var writer = new ModelWriter(modelOptions, quota, new DependencyBreakers(TimeProvider.System), TimeProvider.System, NullLogger<ModelWriter>.Instance);
        // A busy machine must not turn a slow tool into a partial answer, unless that is what is tested.
        var limits = options ?? new AnalysisOptions { ToolTimeout = TimeSpan.FromMinutes(1) };
        return await new AgentPipeline(tools ?? UsageTools.All, PriceTable.Load(), writer, Options.Create(limits), TimeProvider.System, NullLogger<AgentPipeline>.Instance)
            .RunAsync(run, cancellationToken);
    }
}
