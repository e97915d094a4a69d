using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Throughline.Verify.Faults;

/// <summary>The head of an HTTP/1.1 message: its first line and its fields.</summary>
internal sealed record HttpHead(string First, IReadOnlyList<(string Name, string Value)> Fields)
{
    public string Method => First.Split(' ')[0];

    public string Target => First.Split(' ').ElementAtOrDefault(1) ?? "";

    public string Path => Target.Split('?')[0];

    public bool IsUpgrade => Value("Upgrade") is not null;

    public string? Value(string name) => Fields.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public HttpHead Without(string name) => this with { Fields = [.. Fields.Where(f => !f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))] };

    public HttpHead With(string name, string value) => Without(name) with { Fields = [.. Without(name).Fields, (name, value)] };

    public byte[] ToBytes() => Encoding.Latin1.GetBytes($"{First}\r\n{string.Concat(Fields.Select(f => $"{f.Name}: {f.Value}\r\n"))}\r\n");

    public static HttpHead Parse(string text)
    {
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new HttpHead(lines[0], [.. lines.Skip(1).Select(l => l.Split(':', 2)).Where(p => p.Length == 2).Select(p => (p[0].Trim(), p[1].Trim()))]);
    }

    public static byte[] Answer(int status, string body, string type = "application/json") =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Answer\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");
}

/// <summary>What a proxy does to what passes. By itself it does nothing.</summary>
internal class ProxyBehaviour
{
    /// <summary>Bytes pass as they are; nothing is read as HTTP.</summary>
    public bool IsRaw { get; init; }

    /// <summary>How late each piece arrives.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>An answer of the proxy's own; null lets the request through.</summary>
    public virtual byte[]? Answer(HttpHead request) => null;

    /// <summary>Never answers.</summary>
    public virtual bool Holds(HttpHead request) => false;

    public virtual HttpHead Request(HttpHead request) => request;

    public virtual HttpHead Response(HttpHead request, HttpHead response) => response;

    /// <summary>A whole answer that has passed, for one that keeps answers.</summary>
    public virtual void Passed(HttpHead request, byte[] answer)
    {
    }

    /// <summary>Whether <see cref="Passed"/> wants it.</summary>
    public virtual bool Keeps(HttpHead request) => false;

    /// <summary>What happens to the bytes of an open socket.</summary>
    /// <returns>False cuts the connection.</returns>
    public virtual ValueTask<bool> SocketAsync(bool toTarget, Memory<byte> bytes, CancellationToken cancellationToken) => ValueTask.FromResult(true);
}

/// <summary>Stands in front of a service on loopback. One request a connection: what is answered can be seen whole.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<IPEndPoint> _target;
    private readonly ProxyBehaviour _behaviour;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _seen;

    public FaultProxy(IPEndPoint at, Func<IPEndPoint> target, ProxyBehaviour behaviour)
    {
        (_target, _behaviour) = (target, behaviour);
        _listener = new TcpListener(at);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections so far.</summary>
    public int Seen => Volatile.Read(ref _seen);

    public bool IsOpen => !_stop.IsCancellationRequested;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _seen);
                passing.RemoveAll(t => t.IsCompleted);
                passing.Add(PassAsync(near));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using (near)
        {
            try
            {
                near.NoDelay = true;
                await far.ConnectAsync(_target(), ended.Token);
                var (client, service) = (near.GetStream(), far.GetStream());
                if (_behaviour.IsRaw) await BothAsync(client, service, (_, _, _) => ValueTask.FromResult(true), ended.Token);
                else await PassHttpAsync(near, client, service, ended.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone, so the other goes too.
            }
        }
    }

    private async Task PassHttpAsync(TcpClient near, NetworkStream client, NetworkStream service, CancellationToken cancellationToken)
    {
        var (request, rest) = await ReadHeadAsync(client, cancellationToken);
        if (request is null) return;
        if (_behaviour.Holds(request)) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        if (_behaviour.Answer(request) is { } own)
        {
            await client.WriteAsync(own, cancellationToken);
            near.Client.Shutdown(SocketShutdown.Send);
            // What the client still sends must be taken, or its end would be a reset that throws our answer away.
            await CopyAsync(client, Stream.Null, true, (_, _, _) => ValueTask.FromResult(true), cancellationToken);
            return;
        }

        var changed = _behaviour.Request(request);
        await service.WriteAsync((changed.IsUpgrade ? changed : changed.With("Connection", "close")).ToBytes(), cancellationToken);
        await service.WriteAsync(rest, cancellationToken);
        var sending = CopyAsync(client, service, true, changed.IsUpgrade ? _behaviour.SocketAsync : (_, _, _) => ValueTask.FromResult(true), cancellationToken);
        var (response, body) = await ReadHeadAsync(service, cancellationToken);
        if (response is null) return;
        var answered = _behaviour.Response(request, response);
        var kept = _behaviour.Keeps(request) ? new MemoryStream() : null;
        kept?.Write(answered.ToBytes());
        kept?.Write(body);
        await client.WriteAsync(answered.ToBytes(), cancellationToken);
        var isSocket = response.First.Contains(" 101 ", StringComparison.Ordinal);
        if (body.Length > 0 && (!isSocket || await _behaviour.SocketAsync(false, body, cancellationToken))) await client.WriteAsync(body, cancellationToken);
        await CopyAsync(service, client, false, isSocket ? _behaviour.SocketAsync : (_, bytes, _) =>
        {
            kept?.Write(bytes.Span);
            return ValueTask.FromResult(true);
        }, cancellationToken);
        if (kept is not null) _behaviour.Passed(request, kept.ToArray());
        _ = sending; // ends with the connection
    }

    private async Task BothAsync(NetworkStream one, NetworkStream other, Func<bool, Memory<byte>, CancellationToken, ValueTask<bool>> pass, CancellationToken cancellationToken) =>
        await Task.WhenAny(CopyAsync(one, other, true, pass, cancellationToken), CopyAsync(other, one, false, pass, cancellationToken)).Unwrap();

    private async Task CopyAsync(Stream from, Stream to, bool toTarget, Func<bool, Memory<byte>, CancellationToken, ValueTask<bool>> pass, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                if (_behaviour.Delay > TimeSpan.Zero) await Task.Delay(_behaviour.Delay, TimeProvider.System, cancellationToken);
                if (!await pass(toTarget, buffer.AsMemory(0, read), cancellationToken)) return;
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Gone.
        }
    }

    private static async Task<(HttpHead? Head, byte[] Body)> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (read.Length < 256 * 1024)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken);
            if (count == 0) return (null, []);
            read.Write(buffer, 0, count);
            var bytes = read.ToArray();
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0) return (HttpHead.Parse(Encoding.Latin1.GetString(bytes, 0, end)), bytes[(end + 4)..]);
        }

        return (null, []);
    }
}
