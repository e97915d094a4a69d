using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Ends the service when its standard input reaches end of file (<c>Launcher:Lifeline=stdin</c>). The launcher holds the other
/// end of that pipe: closing it asks for an orderly stop, and every operating system closes it however the launcher ends, <c>kill -9</c> included.
/// </summary>
internal sealed class Lifeline(IHostApplicationLifetime lifetime) : IHostLifetime, IDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(12);
    private static IHostApplicationLifetime? _attached;

    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>Watches from the first moment, so that a launcher that dies while a service starts leaves nothing behind.</summary>
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        if (configuration["Launcher:Lifeline"] != "stdin")
            return;
        services.AddSingleton<IHostLifetime, Lifeline>();
        new Thread(ReadToEnd) { IsBackground = true, Name = "Lifeline" }.Start();
    }

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _attached, lifetime);
        // A terminal sends these to the whole process group; it is the launcher that decides who stops when.
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, c => c.Cancel = true));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => c.Cancel = true));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, c =>
        {
            c.Cancel = true;
            lifetime.StopApplication();
        }));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(s => s.Dispose());

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

        host.StopApplication();
        // Returns when the process ends; what hangs past the limit is ended here, for nobody else is left to do it.
        if (!host.ApplicationStopped.WaitHandle.WaitOne(StopWithin))
            Environment.Exit(ExitCode.Other);
    }
}
