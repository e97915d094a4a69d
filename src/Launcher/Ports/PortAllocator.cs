using System.Net;
using System.Net.Sockets;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Ports;

/// <summary>Chooses ports. A port is only ever promised: a service that finds it taken says so with exit code 5, and gets the next.</summary>
internal sealed class PortAllocator(bool isFixed) : IDisposable
{
    /// <summary>From here up the operating system hands out ports to outgoing connections.</summary>
    private const int Ceiling = 32768;

    private readonly Lock _gate = new();
    private readonly HashSet<int> _given = [];
    private readonly PortPromises _promises = new();

    /// <summary>The preferred port, or the next free one above it.</summary>
    /// <exception cref="LauncherException">The port is fixed and taken; exit code 5 naming its holder.</exception>
    public int Take(int preferred)
    {
        lock (_gate)
        {
            if (isFixed)
            {
                if (!_given.Add(preferred) || !IsFree(preferred))
                    throw Taken(preferred);
                _promises.TryHold(preferred);
                return preferred;
            }

            for (var port = preferred; port < Ceiling; port++)
                if (TryTake(port)) return port;
        }

        throw new LauncherException(
            ExitCode.Port, $"No port from {preferred} to {Ceiling - 1} is free.", "Stop what holds them; `throughline doctor` names the holders of the usual ones.");
    }

    /// <summary>A port that no one is told of: nobody prefers it, so it is never fixed.</summary>
    public int TakeInner()
    {
        lock (_gate)
        {
            while (true)
            {
                var port = Random.Shared.Next(20_000, Ceiling);
                if (TryTake(port)) return port;
            }
        }
    }

    public void Dispose() => _promises.Dispose();

    public static LauncherException Taken(int port)
    {
        var holder = PortHolder.Find(port);
        return new LauncherException(
            ExitCode.Port,
            $"Port {port} is held by {holder?.ToString() ?? "another program"}.",
            "Stop it, or leave out --fixed-ports: then the next free port is taken.");
    }

    public static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    /// <summary>Looks whether it is free only where nobody else promised it: to look is to listen for a moment, in which a service that starts again there would find it taken.</summary>
    private bool TryTake(int port)
    {
        if (_given.Contains(port) || !_promises.TryHold(port)) return false;
        if (IsFree(port)) return _given.Add(port);
        _promises.Release(port);
        return false;
    }

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return true; // a machine without that loopback address: nothing else can hold the port there
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
