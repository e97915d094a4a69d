using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Throughline.ServiceDefaults;

internal static class Telemetry
{
    private static readonly Dictionary<string, string?> DefaultLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None", // RunServiceAsync reports, in one line
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:OpenIddict"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
    };

    /// <summary>Those who only look whether all is well would drown the rest.</summary>
    private static readonly string[] Watching = ["/health", "/metrics"];

    public static void AddTelemetry(this IHostApplicationBuilder builder, ServiceIdentity identity)
    {
        // First, so that any other source of configuration overrides it.
        builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = DefaultLevels });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            o.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });

        // Without a collector nobody would see the data: the SDK's start-up time and memory are saved. Trace ids exist all the same.
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            builder.AddExport(identity);
    }

    /// <summary>Apart from the rest: a method's types are loaded when it is compiled, whichever way it goes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddExport(this IHostApplicationBuilder builder, ServiceIdentity identity)
    {
        builder.Logging.AddOpenTelemetry(o => o.IncludeFormattedMessage = true);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddIdentity(identity))
            .WithTracing(t => t
                .AddSource("Throughline.*", "Experimental.Microsoft.Extensions.AI", "Yarp.ReverseProxy", "Npgsql")
                .AddAspNetCoreInstrumentation(o => o.Filter = c => !Watching.Any(path => c.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)))
                .AddHttpClientInstrumentation())
            .WithMetrics(m => m.AddAllMeters())
            .UseOtlpExporter();
    }
}
