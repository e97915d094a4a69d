using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Throughline.Contracts;

namespace Throughline.ServiceDefaults;

internal static class HealthEndpoints
{
    /// <summary>Open to anyone who reaches the service, and exempt from limits: the launcher and the operator ask here first.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health").AllowAnonymous().DisableRateLimiting();
        group.MapGet("/live", (Readiness readiness) => TypedResults.Json(readiness.Live, WireJson.Default.HealthReport));
        group.MapGet("/ready", async (Readiness readiness, HttpResponse response, CancellationToken cancellationToken) =>
        {
            var report = await readiness.CheckAsync(cancellationToken);
            response.Headers.CacheControl = "no-store";
            return TypedResults.Json(
                report, WireJson.Default.HealthReport,
                statusCode: report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        });
    }
}
