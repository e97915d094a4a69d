using System.Net;
using System.Net.Sockets;
using Garnet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Throughline.ServiceDefaults;

namespace Throughline.Store;

/// <summary>The embedded key-value store: Garnet in this process, on loopback, behind the state's password.</summary>
/// <remarks>It speaks RESP only; readers of its discovery record verify it by AUTH and PING instead of <c>/health/live</c>.</remarks>
internal sealed partial class StoreServer(StateFolder state, IConfiguration configuration, ILoggerFactory loggers)
    : IHostedService, IBoundAddress, IDisposable
{
    private readonly ILogger<StoreServer> _logger = loggers.CreateLogger<StoreServer>();
    private GarnetServer? _server;
    private int _port;

    public Uri Current => new($"redis://127.0.0.1:{_port}");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _port = ChoosePort(configuration.GetValue("Listen:Port", 0));
        var data = Path.Combine(state.Root, "store");
        // In-process arguments: the password shows in no process list.
        var settings = StoreSettings.For(_port, data, state.ReadSecret("store-password"));
        try
        {
            state.PathOf("store", "data"); // makes the folder
            _server = new GarnetServer(settings, loggers);
            _server.Start();
        }
        catch (Exception e) when (IsPortTaken(e))
        {
            throw PortTaken(_port); // by somebody who came between our look and Garnet's bind
        }
        catch (Exception e)
        {
            throw new StartupException(ExitCode.Store, $"The key-value store could not open its data in {data} ({e.Message.TrimEnd('.')}): make it a folder that it can write, or restore it from a backup.");
        }

        Log.Started(_logger, _port, data);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    // The container disposes once for each service type that this one is registered under; Garnet bears only one.
    public void Dispose() => Interlocked.Exchange(ref _server, null)?.Dispose(deleteDir: false);

    /// <summary>Garnet reports neither a port that is taken nor, for port 0, the one it got.</summary>
    private static int ChoosePort(int wanted)
    {
        using var probe = new TcpListener(IPAddress.Loopback, wanted) { ExclusiveAddressUse = true };
        try
        {
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        catch (SocketException)
        {
            throw PortTaken(wanted);
        }
    }

    private static StartupException PortTaken(int port) => new(ExitCode.Port, $"Port {port} (Listen:Port) is taken by another program: stop it, or set another port.");

    // Garnet wraps the socket's error in one of its own and names it in the text.
    private static bool IsPortTaken(Exception? exception) => exception is not null
        && (exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            || exception.Message.Contains(nameof(SocketError.AddressAlreadyInUse), StringComparison.Ordinal)
            || IsPortTaken(exception.InnerException));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Key-value store on port {Port}, data in {Folder}")]
        public static partial void Started(ILogger logger, int port, string folder);
    }
}
