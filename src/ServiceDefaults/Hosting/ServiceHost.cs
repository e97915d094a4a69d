using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

public static class ServiceHost
{
    private static bool _isReporting;

    /// <summary>Runs the service until it is told to stop; with <see cref="RouteList.Option"/> or <see cref="CompositionCheck.Option"/> it only tells of itself.</summary>
    /// <returns>The exit code: 0 after an orderly stop, else what stopped the start (see <see cref="ExitCode"/>), said in one line.</returns>
    public static async Task<int> RunServiceAsync(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var service = host.Services.GetRequiredService<ServiceIdentity>().Service;
        var configuration = host.Services.GetService<IConfiguration>(); // now: a host that failed is disposed
        try
        {
            if (RouteList.IsAskedFor)
            {
                if (host is IEndpointRouteBuilder routes) RouteList.Print(routes, Console.Out);
                return ExitCode.Stopped;
            }

            if (CompositionCheck.IsAskedFor)
                return await CompositionCheck.RunAsync(host, host.Services.GetRequiredService<ServiceIdentity>(), TimeProvider.System, Console.Out);

            // The host does this too, but only after it has made all its services, which takes the backend a while.
            host.Services.GetService<IStartupValidator>()?.Validate();
            await host.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception exception)
        {
            return StartupFailure.Report(service, exception, configuration);
        }
    }

    /// <summary>Gives a failure before <see cref="RunServiceAsync"/>, while the service is put together, the same line and exit code.</summary>
    internal static void ReportUnhandled(string service)
    {
        if (Interlocked.Exchange(ref _isReporting, true)) return;
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
        {
            if (CompositionCheck.IsAskedFor && e.ExceptionObject is Exception fault)
                Environment.Exit(CompositionCheck.Report(service, fault));
            if (e.ExceptionObject is Exception exception && StartupFailure.Of(exception) is not null)
                Environment.Exit(StartupFailure.Report(service, exception));
        };
    }
}
