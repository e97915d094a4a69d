using Yarp.ReverseProxy.Configuration;

namespace Throughline.Frontend.Proxy;

/// <summary>Which paths go to which service; protocol §1.</summary>
internal static class ProxyRoutes
{
    public static readonly IReadOnlyList<string> Services = ["auth", "backend"];

    public static readonly IReadOnlyList<RouteConfig> All =
    [
        Route("auth", "/auth/{**rest}"),
        Route("auth", "/connect/{**rest}"),
        Route("auth", "/.well-known/{**rest}"),
        Route("backend", "/api/{**rest}"),
        Route("backend", "/ws"),
    ];

    private static RouteConfig Route(string service, string path) => new()
    {
        RouteId = path,
        ClusterId = service,
        Match = new RouteMatch { Path = path },
    };
}
