using System.Runtime.InteropServices;

namespace Throughline.Launcher.Up;

/// <summary>Ctrl-C, SIGTERM and SIGHUP ask for an orderly stop; a second one changes nothing, for the stop has its own limit.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "See Dispose.")]
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <param name="isDetached">A stack in the background outlives the terminal that started it.</param>
    public Signals(bool isDetached)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (!isDetached || context.Signal is PosixSignal.SIGTERM)
                    _stop.Cancel();
            }));
        // A program that starts a stack may hold this one's lifeline, as this one holds its services'.
        if (!isDetached && Environment.GetEnvironmentVariable("Launcher__Lifeline") == "stdin")
            new Thread(WatchStandardInput) { IsBackground = true, Name = "Lifeline" }.Start();
    }

    public CancellationToken Stop => _stop.Token;

    // The token's source is not disposed: a signal or the end of input may still come while the process ends.
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void WatchStandardInput()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64];
        while (input.Read(buffer) > 0)
        {
        }

        _stop.Cancel();
    }
}
