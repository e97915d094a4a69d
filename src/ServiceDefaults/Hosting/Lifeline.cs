using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Ends the service when its standard input reaches end of file (<c>Launcher:Lifeline=stdin</c>). The launcher holds the other
/// end of that pipe, and every operating system closes it however the launcher ends, <c>kill -9</c> included.
/// </summary>
internal sealed class Lifeline(IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);
    private static IHostApplicationLifetime? _attached;

    /// <summary>Watches from the first moment, so that a launcher that dies while a service starts leaves nothing behind.</summary>
    public static void Watch(IConfiguration configuration)
    {
        if (configuration["Launcher:Lifeline"] == "stdin")
            new Thread(ReadToEnd) { IsBackground = true, Name = "Lifeline" }.Start();
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _attached, lifetime);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void ReadToEnd()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64];
        while (input.Read(buffer) > 0)
        {
        }

        if (Volatile.Read(ref _attached) is not { } host)
        {
            Environment.Exit(ExitCode.Stopped);
            return;
        }

        using var deadline = new Timer(_ => Environment.Exit(ExitCode.Stopped), null, StopWithin, Timeout.InfiniteTimeSpan);
        host.StopApplication();
        host.ApplicationStopped.WaitHandle.WaitOne();
    }
}
