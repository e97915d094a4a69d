using System.Runtime.InteropServices;

namespace Throughline.Launcher.Up;

/// <summary>Ctrl-C, SIGTERM and SIGHUP ask for an orderly stop; a second one changes nothing, for the stop has its own limit.</summary>
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
    }

    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _stop.Dispose();
    }
}
