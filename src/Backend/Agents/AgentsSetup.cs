using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Models;

namespace Throughline.Backend.Agents;

/// <summary>Agents: what a run asks, and what answers it.</summary>
internal static class AgentsSetup
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddOptions<AnalysisOptions>().BindConfiguration("Analysis").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<AnalysisOptions>, AnalysisOptionsValidator>();
        services.AddOptions<ModelOptions>().BindConfiguration("Model").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<ModelOptions>, ModelOptionsValidator>();
        services.TryAddSingleton<ModelQuota>();
        services.TryAddSingleton<ModelWriter>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => PriceTable.Load());
        services.TryAddSingleton<IReadOnlyList<IUsageTool>>(UsageTools.All);
        services.TryAddSingleton<IAgentPipeline, AgentPipeline>();
        return services;
    }
}

[OptionsValidator]
internal sealed partial class AnalysisOptionsValidator : IValidateOptions<AnalysisOptions>;
