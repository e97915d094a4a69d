using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>Gets hold of the host that a program builds, by the event with which .NET's hosting tells of it; so do tests that start a program in their own process.</summary>
internal sealed class HostCatcher(Action<IHost> caught) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Listener = "Microsoft.Extensions.Hosting";
    private const string Built = "HostBuilt";

    private IDisposable? _all;
    private IDisposable? _one;

    public static void Catch(Action<IHost> caught)
    {
        var catcher = new HostCatcher(caught);
        catcher._all = DiagnosticListener.AllListeners.Subscribe(catcher);
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == Listener) _one = value.Subscribe(this, (name, _, _) => name == Built);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: Built, Value: IHost host }) return;
        _one?.Dispose();
        _all?.Dispose();
        caught(host);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
