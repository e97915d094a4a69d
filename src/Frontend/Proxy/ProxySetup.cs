using Microsoft.AspNetCore.DataProtection;
using Throughline.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace Throughline.Frontend.Proxy;

/// <summary>The reverse proxy to auth and backend.</summary>
internal static class ProxySetup
{
    public static IServiceCollection AddProxy(this IServiceCollection services)
    {
        services.AddSingleton<DiscoveredClusters>();
        services.AddSingleton<IProxyConfigProvider>(provider => provider.GetRequiredService<DiscoveredClusters>());
        services.AddHostedService(provider => provider.GetRequiredService<DiscoveredClusters>());
        // YARP brings data protection for sticky sessions, which nothing here uses: no key of it should lie on disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddReverseProxy()
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = TimeSpan.FromSeconds(2))
            .AddTransforms(context =>
            {
                // What a client says about itself is not what we saw. YARP then sets X-Forwarded-For, -Host and -Proto from the connection.
                foreach (var claimed in (ReadOnlySpan<string>)["Forwarded", "X-Real-IP", "X-Forwarded-Prefix", "X-Original-Host", "X-Original-For", "X-Original-Proto"])
                    context.AddRequestHeaderRemove(claimed);
                // By this the services know that what is forwarded comes from here.
                context.AddRequestHeader(FrontendProof.Header, context.Services.GetRequiredService<FrontendProof>().ForwardedValue, append: false);
            });
        foreach (var service in ProxyRoutes.Services)
            services.AddSingleton<IDependencyProbe>(provider => new ServiceProbe(service, provider.GetRequiredService<IServiceDirectory>()));
        return services;
    }

    public static void MapProxy(this IEndpointRouteBuilder routes) => routes.MapReverseProxy(proxy =>
    {
        proxy.Use(ProxyFailures.ExplainAsync);
        proxy.UseLoadBalancing();
    }).AllowAnonymous(); // who may do what is for the services to say
}
