using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Faults;

/// <summary>Questions to the operating system, the network and the files that tell whether a fault is there. None of it is used by a check.</summary>
internal static class Oracles
{
    /// <summary>What a socket that asks at an address with this token comes to: <c>hello</c>, <c>HTTP 403</c>, <c>4001</c>, <c>cut</c>, <c>silent</c>.</summary>
    public static async Task<string> SocketAsync(string authority, string token, CancellationToken cancellationToken, string? origin = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{authority}/ws"), limit.Token);
            var part = await socket.ReceiveAsync(new byte[64 * 1024].AsMemory(), limit.Token);
            return part.MessageType == WebSocketMessageType.Close ? $"{(int?)socket.CloseStatus}" : "hello";
        }
        catch (WebSocketException) when (socket.HttpStatusCode is not (0 or System.Net.HttpStatusCode.SwitchingProtocols))
        {
            return $"HTTP {(int)socket.HttpStatusCode}";
        }
        catch (WebSocketException)
        {
            return "cut";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "silent";
        }
    }

    /// <summary>The algorithm in the header of a token that auth makes now.</summary>
    public static async Task<string?> AlgorithmAsync(Rig rig, CancellationToken cancellationToken)
    {
        var (status, body) = await rig.ServiceTokenAsync("frontend", cancellationToken);
        return status == 200 ? Jwt.HeaderOf(JsonElement.Parse(body).Text("access_token")).FindText("alg") : null;
    }

    public static async Task<bool> ConnectsAsync(string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Whether the process that the launcher started for a service ends again: none that lives publishes a record.</summary>
    public static Task<bool> IsDownAsync(Rig rig, string service) => Task.FromResult(
        DiscoveryFiles.Read(rig.State, service).FirstOrDefault() is not { } record || !ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt));

    public static string Front(Rig rig, string service) => $"{Rig.FrontHost}:{rig.PortOf(service)}";

    public static Uri FrontUrl(Rig rig, string service, string path) => new($"http://{Front(rig, service)}{path}");
}
