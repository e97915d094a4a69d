using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Throughline.Bench.Sockets;

/// <summary>Opens sockets to a server in another process, has it publish, and measures what comes.</summary>
internal sealed class LoadClient(string kind, Uri server, int sockets) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<ClientWebSocket> _sockets = [];
    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = Patience };
    private long[] _latencies = [];
    private int _received;
    private TaskCompletionSource _all = new();

    /// <param name="rate">Events a second in the calm part.</param>
    /// <param name="calm">How many events the calm part has.</param>
    /// <param name="rush">How many events are published as fast as the server takes them.</param>
    public async Task<LoadResult> RunAsync(int pid, double rate, int calm, int rush)
    {
        var empty = await MemoryAsync(pid);
        for (var i = 0; i < sockets; i++) _sockets.Add(await ConnectAsync());
        var full = await MemoryAsync(pid);

        await PublishAsync(20, 50); // warm
        await PublishAsync(rush / 2, null);
        var latencies = await PublishAsync(calm, rate);
        var (began, work) = (Stopwatch.GetTimestamp(), CpuOf(pid));
        await PublishAsync(rush, null);
        return new LoadResult(
            Percentile(latencies, 0.5), Percentile(latencies, 0.99), rush / Stopwatch.GetElapsedTime(began).TotalSeconds,
            rush * (double)sockets / (CpuOf(pid) - work).TotalSeconds, (full - empty) / (double)sockets / 1024);
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _http.Dispose();
    }

    /// <returns>Latencies in milliseconds, sorted.</returns>
    private async Task<double[]> PublishAsync(int events, double? rate)
    {
        (_latencies, _received, _all) = (new long[events * sockets], 0, new(TaskCreationOptions.RunContinuationsAsynchronously));
        using var published = await _http.PostAsync(FormattableString.Invariant($"/publish?events={events}{(rate is { } r ? $"&rate={r}" : "")}"), null);
        published.EnsureSuccessStatusCode();
        await _all.Task.WaitAsync(Patience);
        return [.. _latencies.Select(ticks => ticks * 1000.0 / Stopwatch.Frequency).Order()];
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(server) { Scheme = "ws", Path = kind == "socketio" ? "/socket.io/" : "/ws", Query = kind == "socketio" ? "EIO=4&transport=websocket" : "" }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None);
        var buffer = new byte[16 * 1024];
        if (kind == "signalr")
        {
            await SendAsync(socket, "{\"protocol\":\"json\",\"version\":1}\u001e");
            await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None); // {} of the handshake
        }
        else if (kind == "socketio")
        {
            await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None); // 0{"sid":…} of the transport
            await SendAsync(socket, "40");
            await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None); // 40{"sid":…} of the namespace
        }

        _ = ReceiveAsync(socket, buffer);
        return socket;
    }

    private async Task ReceiveAsync(ClientWebSocket socket, byte[] buffer)
    {
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                    part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close) return;
                var now = Stopwatch.GetTimestamp();
                if (length == 1 && buffer[0] == '2') await SendAsync(socket, "3"); // Socket.IO's heartbeat
                else Event.Find(buffer.AsSpan(0, length), at => Count(now - at));
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed at the end.
        }
    }

    private void Count(long latency)
    {
        var n = Interlocked.Increment(ref _received);
        if (n <= _latencies.Length) _latencies[n - 1] = latency;
        if (n == _latencies.Length) _all.TrySetResult();
    }

    /// <summary>Resident memory after a collection, bytes.</summary>
    private async Task<long> MemoryAsync(int pid)
    {
        (await _http.PostAsync("/collect", null)).Dispose();
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }

    private static TimeSpan CpuOf(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }

    private static async Task SendAsync(ClientWebSocket socket, string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static double Percentile(double[] sorted, double p) => sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(sorted.Length * p) - 1)];
}

/// <param name="EventsPerSecond">At saturation, each to all sockets.</param>
/// <param name="DeliveriesPerCpuSecond">Meanwhile, of the server's own time: on a busy machine the steadier figure.</param>
internal sealed record LoadResult(double P50Ms, double P99Ms, double EventsPerSecond, double DeliveriesPerCpuSecond, double KiBPerConnection)
{
    /// <summary>Member by member.</summary>
    public static LoadResult MedianOf(IReadOnlyList<LoadResult> rounds)
    {
        double Median(Func<LoadResult, double> of) => rounds.Select(of).Order().ElementAt(rounds.Count / 2);
        return new(Median(r => r.P50Ms), Median(r => r.P99Ms), Median(r => r.EventsPerSecond), Median(r => r.DeliveriesPerCpuSecond), Median(r => r.KiBPerConnection));
    }

    public static LoadResult Read(string json) => JsonSerializer.Deserialize<LoadResult>(json)!;

    public override string ToString() => JsonSerializer.Serialize(this);
}
