using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Composition;

/// <summary>What <c>--check</c> looks at here beside the rest: grains, agents and tools.</summary>
internal static class CompositionProbes
{
    public static IServiceCollection AddCompositionProbes(this IServiceCollection services) => services
        .AddSingleton<ICompositionProbe, Grains>()
        .AddSingleton<ICompositionProbe, AgentsAndTools>();

    private sealed class Grains(IServiceProvider services) : ICompositionProbe
    {
        public Task<CompositionItem> LookAsync(CancellationToken cancellationToken) => Task.FromResult(Constructors.Look(
            "grains", typeof(Grains).Assembly.GetTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(Grain))), services));
    }

    private sealed class AgentsAndTools(IAgentPipeline pipeline, IReadOnlyList<IUsageTool> tools) : ICompositionProbe
    {
        public Task<CompositionItem> LookAsync(CancellationToken cancellationToken)
        {
            var twice = tools.GroupBy(tool => tool.Name).Where(group => group.Count() > 1).Select(group => $"Two tools are called {group.Key}.");
            return Task.FromResult(new CompositionItem("agents", tools.Count + (pipeline is null ? 0 : 1), [.. twice]));
        }
    }
}
