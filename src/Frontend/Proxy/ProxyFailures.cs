using Throughline.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace Throughline.Frontend.Proxy;

/// <summary>Says in words what happened when a request could not be passed on.</summary>
internal static class ProxyFailures
{
    public static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested || context.GetForwarderErrorFeature() is not { } failure)
            return;
        var service = context.GetReverseProxyFeature().Route.Config.ClusterId!;
        switch (failure.Error)
        {
            case ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled or ForwarderError.RequestCanceled:
                return; // the caller broke off
            case ForwarderError.RequestTimedOut:
                await Problems.Of(StatusCodes.Status504GatewayTimeout, "timeout", $"The {service} service did not answer in time.").ExecuteAsync(context);
                return;
            default:
                await Unavailable(context, service).ExecuteAsync(context);
                return;
        }
    }

    /// <summary>503: the service is not running, or broke off before it answered. The launcher is starting it again.</summary>
    public static IResult Unavailable(HttpContext context, string service)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", $"The {service} service is not running at the moment.",
            "It is usually back within seconds. Nothing that was acknowledged is lost; try again.");
    }
}
