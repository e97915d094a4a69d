using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Throughline.ServiceDefaults;

/// <summary>What is told of a service, and by whom.</summary>
internal static class Meters
{
    private static readonly string[] Names =
    [
        "Throughline.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime",
        "Microsoft.Orleans", "Experimental.Microsoft.Extensions.AI", "Polly", "Npgsql",
    ];

    public static MeterProviderBuilder AddAllMeters(this MeterProviderBuilder builder) => builder.AddMeter(Names);

    public static ResourceBuilder AddIdentity(this ResourceBuilder resource, ServiceIdentity identity) =>
        resource.AddService(identity.Service, "throughline", identity.Version, serviceInstanceId: identity.Instance.ToString());
}

/// <summary>Steps of a histogram that fit its unit; the SDK's own are for milliseconds.</summary>
public static class Buckets
{
    /// <summary>Half a millisecond to two minutes.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    };

    /// <summary>One to some thousands.</summary>
    public static InstrumentAdvice<long> Counts { get; } = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] };
}
