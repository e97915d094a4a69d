using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Throughline.Contracts;

namespace Throughline.ServiceDefaults;

/// <summary>What every service has in common: one Add, one Map, one Run.</summary>
public static class ServiceDefaultsSetup
{
    public const string InstanceHeader = "Throughline-Instance";

    /// <summary>Identity, listening address, wire JSON, problem documents, telemetry, health, metrics, discovery and lifeline.</summary>
    /// <param name="service"><c>auth</c>, <c>backend</c> or <c>frontend</c>.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddServiceHosting(builder, service);
        builder.Services.TryAddSingleton<IBoundAddress, ServerAddress>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default));
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull);
        builder.Services.AddProblems();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            var listen = kestrel.ApplicationServices.GetRequiredService<IOptions<ListenOptions>>().Value;
            if (listen.IsLocalhost && listen.Port > 0)
                kestrel.ListenLocalhost(listen.Port);
            else
                kestrel.Listen(listen.Address, listen.Port);
            if (listen.MetricsPort is not { } metrics) return;
            kestrel.ConfigureEndpointDefaults(static _ => { }); // the public origin's certificate is not for this one
            kestrel.Listen(IPAddress.Loopback, metrics);
        });
        builder.Services.AddOptions<MetricsOptions>().BindConfiguration("Metrics").ValidateOnStart();
        builder.Services.TryAddSingleton<IValidateOptions<MetricsOptions>, MetricsOptionsValidator>();
        builder.Services.AddSingleton<MetricsReaders>();
        builder.Services.AddSingleton<MetricsEndpoint>();
        return builder;
    }

    /// <summary>The part of <see cref="AddServiceDefaults"/> that needs no web server. The caller registers its <see cref="IBoundAddress"/>.</summary>
    public static void AddServiceHosting(this IHostApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        LocalAddresses.BypassProxy();
        builder.AddServiceSettings(service);
        if (ConfiguredAddresses.FaultOf(builder.Configuration) is { } fault) throw new StartupException(ExitCode.Configuration, fault);
        if (CompositionCheck.IsAskedFor) CompositionCheck.Harden(builder);
        Lifeline.AddTo(builder.Services, builder.Configuration);
        var identity = new ServiceIdentity(service, builder.Configuration);
        builder.AddTelemetry(identity);
        builder.Services.AddSingleton(identity);
        builder.Services.AddSingleton(new StateFolder(builder.Configuration));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<ListenOptions>().BindConfiguration("Listen").ValidateOnStart();
        builder.Services.TryAddSingleton<IValidateOptions<ListenOptions>, ListenOptionsValidator>();
        builder.Services.TryAddSingleton<IServiceDirectory, ServiceDirectory>();
        builder.Services.TryAddSingleton<Readiness>();
        builder.Services.TryAddSingleton<StartFailures>();
        builder.Services.AddHostedService<DiscoveryWriter>();
        // Below the launcher's own limit, so that a service that hangs is seen to hang.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
    }

    /// <summary>The instance header, the last catch of exceptions, problem documents for bare statuses, health and metrics. Call it first.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var instance = app.Services.GetRequiredService<ServiceIdentity>().Instance.ToString();
        var readers = app.Services.GetRequiredService<MetricsReaders>();
        app.Use((context, next) =>
        {
            // At the start of the response and only where it is absent: a proxied answer keeps its origin's.
            context.Response.OnStarting(static state =>
            {
                var (response, id) = ((HttpResponse, string))state;
                if (!response.Headers.ContainsKey(InstanceHeader))
                    response.Headers[InstanceHeader] = id;
                return Task.CompletedTask;
            }, (context.Response, instance));
            // Before anybody changes what the connection and the headers say of where a request comes from.
            return readers.Turns(context) ? MetricsRoute.NotFound().ExecuteAsync(context) : next(context);
        });
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapHealth();
        app.MapMetrics();
        return app;
    }
}
