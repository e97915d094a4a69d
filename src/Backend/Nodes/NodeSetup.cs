namespace Throughline.Backend.Nodes;

/// <summary>What backends need to share a database: leases on the runs at work, and word of nodes that are gone.</summary>
internal static class NodeSetup
{
    public static IServiceCollection AddNodes(this IServiceCollection services, bool hasOtherNodes)
    {
        services.AddSingleton<NodeLease>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeLease>());
        services.AddSingleton<ThreadGrains>();
        if (hasOtherNodes) services.AddHostedService<NodeWatch>();
        return services;
    }
}
