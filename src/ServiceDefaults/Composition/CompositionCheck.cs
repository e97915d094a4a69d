using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The option <c>--check</c> of every service: it puts itself together as for a start, with scopes and constructors validated, makes whatever
/// an endpoint or a hosted service asks for, and prints what it found as JSON. It neither listens nor touches the service's database, so a
/// deployment can run it before it takes traffic. Exit code 0 where all is well.
/// </summary>
public static class CompositionCheck
{
    public const string Option = "--check";

    internal static bool IsAskedFor => Environment.GetCommandLineArgs().Contains(Option, StringComparer.Ordinal);

    /// <summary>Lets the container find at once what it would otherwise find at the first request.</summary>
    internal static void Harden(IHostApplicationBuilder builder) =>
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));

    internal static async Task<int> RunAsync(IHost host, ServiceIdentity identity, TimeProvider time, TextWriter output)
    {
        var began = time.GetTimestamp();
        await using var scope = host.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        List<CompositionItem> items = [new("container", 1, []), Look("options", () => Options(services), services.GetService<IConfiguration>()), Look("hosted_services", () => HostedServices(services))];
        if (host is IEndpointRouteBuilder routes)
        {
            items.Add(Look("endpoints", () => Endpoints(routes, services)));
            items.Add(Look("routes", () => Routes(routes)));
        }

        items.Add(Look("wire", WireRoundTrip.Look));
        foreach (var probe in services.GetServices<ICompositionProbe>()) items.Add(await LookAsync(probe));
        return Print(identity.Service, identity.Version, time.GetElapsedTime(began).TotalMilliseconds, items, output);
    }

    /// <summary>What stopped the service while it was put together.</summary>
    internal static int Report(string service, Exception exception)
    {
        Exception[] all = exception is AggregateException many ? [.. many.InnerExceptions] : [exception];
        return Print(service, "", 0, [new("container", all.Length, [.. all.Select(e => WordsOf(e, null))])], Console.Out);
    }

    private static int Print(string service, string version, double elapsedMs, IReadOnlyList<CompositionItem> items, TextWriter output)
    {
        var isOk = items.All(i => i.Ok);
        output.WriteLine(new CompositionReport(service, version, isOk, Math.Round(elapsedMs), items).ToJson());
        return isOk ? ExitCode.Stopped : ExitCode.Other;
    }

    private static CompositionItem Options(IServiceProvider services)
    {
        services.GetService<IStartupValidator>()?.Validate();
        return new("options", 1, []);
    }

    private static CompositionItem HostedServices(IServiceProvider services) => new("hosted_services", services.GetServices<IHostedService>().Count(), []);

    private static CompositionItem Endpoints(IEndpointRouteBuilder routes, IServiceProvider services)
    {
        var known = services.GetRequiredService<IServiceProviderIsService>();
        var endpoints = All(routes).ToList();
        var faults = new List<string>();
        foreach (var endpoint in endpoints)
            foreach (var parameter in endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
                if (parameter.ParameterType != typeof(HttpContext) && known.IsService(parameter.ParameterType) && Fault(() => services.GetRequiredService(parameter.ParameterType)) is { } fault)
                    faults.Add($"{endpoint.DisplayName}: {fault}");
        return new("endpoints", endpoints.Count, faults);
    }

    private static CompositionItem Routes(IEndpointRouteBuilder routes)
    {
        var listed = RouteList.Of(routes);
        return new("routes", listed.Count, [.. listed.Where(r => r is { IsAnonymous: false, IsAsset: false, Policies.Count: 0 }).Select(r => $"Nobody has decided who may call {r.Method} {r.Pattern}.")]);
    }

    private static IEnumerable<RouteEndpoint> All(IEndpointRouteBuilder routes) => routes.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();

    /// <summary>As a start would tell it, where a start foresees it.</summary>
    private static string WordsOf(Exception exception, IConfiguration? configuration) => StartupFailure.Of(exception, configuration)?.Message ?? exception.Message;

    private static CompositionItem Look(string name, Func<CompositionItem> look, IConfiguration? configuration = null)
    {
        try
        {
            return look();
        }
        catch (Exception e) // whatever it is, it is what the check was to find
        {
            return new(name, 1, [WordsOf(e, configuration)]);
        }
    }

    private static async Task<CompositionItem> LookAsync(ICompositionProbe probe)
    {
        try
        {
            return await probe.LookAsync(CancellationToken.None);
        }
        catch (Exception e) // see above
        {
            return new(probe.GetType().Name, 1, [e.Message]);
        }
    }

    private static string? Fault(Func<object> make)
    {
        try
        {
            make();
            return null;
        }
        catch (Exception e) // see above
        {
            return e.Message;
        }
    }
}
