using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Throughline.ServiceDefaults;

/// <summary><c>GET /metrics</c>, as Prometheus reads it. Counting begins with the first look, and until then nothing of the SDK is loaded:
/// a service that nobody scrapes pays nothing for it.</summary>
internal sealed class MetricsEndpoint(IServiceProvider services, ServiceIdentity identity) : IDisposable
{
    private readonly Lock _gate = new();
    private MeterProvider? _meters;
    private RequestDelegate? _scrape;

    public Task ReadAsync(HttpContext context)
    {
        lock (_gate) _scrape ??= Begin();
        return _scrape(context);
    }

    public void Dispose() => _meters?.Dispose();

    private RequestDelegate Begin()
    {
        _meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddIdentity(identity))
            .AddAllMeters()
            // Each look is its own: two of them must differ by what happened in between.
            .AddPrometheusExporter(o => o.ScrapeResponseCacheDurationMilliseconds = 0)
            .Build();
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(_meters, static _ => true, null, null, null);
        return pipeline.Build();
    }
}

internal static class MetricsRoute
{
    public const string Path = "/metrics";

    /// <summary>Who may not is turned away before: <see cref="MetricsReaders"/>.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, (HttpContext context, MetricsEndpoint metrics) => metrics.ReadAsync(context)).AllowAnonymous().DisableRateLimiting().WithTags("Metrics");

    public static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is nothing at this address.");
}
