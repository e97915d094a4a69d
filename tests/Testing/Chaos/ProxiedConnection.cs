using System.Net;
using System.Net.Sockets;

namespace Throughline.Testing.Chaos;

/// <summary>One connection through a <see cref="ChaosProxy"/>.</summary>
internal sealed class ProxiedConnection(int number, TcpClient near, Func<Weather> weather, Tap? tap, CancellationToken stop) : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    private readonly TcpClient _far = new() { NoDelay = true };
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);

    public async Task RunAsync(int port)
    {
        near.NoDelay = true;
        await _far.ConnectAsync(IPAddress.Loopback, port, _end.Token);
        await Task.WhenAny(CopyAsync(near.Client, _far.Client, toTarget: true), CopyAsync(_far.Client, near.Client, toTarget: false)).Unwrap();
    }

    public void End(bool reset)
    {
        if (reset)
            foreach (var side in (ReadOnlySpan<TcpClient>)[near, _far]) TryReset(side);
        _end.Cancel();
    }

    public void Dispose()
    {
        near.Dispose();
        _far.Dispose();
        // Not _end: End may be called at any time, and without a timer it holds nothing.
    }

    private static void TryReset(TcpClient side)
    {
        try
        {
            side.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool toTarget)
    {
        var buffer = new byte[64 * 1024];
        var (under, passed) = (weather(), 0L);
        while (await from.ReceiveAsync(buffer.AsMemory(), _end.Token) is var read and > 0)
        {
            for (var sent = 0; sent < read;)
            {
                var now = weather();
                if (now != under) (under, passed) = (now, 0);
                if (now.IsSilent)
                {
                    await Task.Delay(LookAgain, TimeProvider.System, _end.Token);
                    continue;
                }

                var length = (int)Math.Min(Math.Min(read - sent, now.Slice), now.CutAfter - passed ?? int.MaxValue);
                if (!await SendAsync(to, toTarget, buffer.AsMemory(sent, length), now)) return;
                (sent, passed) = (sent + length, passed + length);
                if (passed == now.CutAfter)
                {
                    End(now.IsReset);
                    return;
                }
            }
        }
    }

    private async Task<bool> SendAsync(Socket to, bool toTarget, ReadOnlyMemory<byte> bytes, Weather now)
    {
        if (now.Delay > TimeSpan.Zero) await Task.Delay(now.Delay, TimeProvider.System, _end.Token);
        if (now.BytesPerSecond > 0) await Task.Delay(TimeSpan.FromSeconds((double)bytes.Length / now.BytesPerSecond), TimeProvider.System, _end.Token);
        if (tap is not null && !await tap.PassAsync(number, toTarget, bytes, _end.Token)) return false;
        while (bytes.Length > 0) bytes = bytes[await to.SendAsync(bytes, _end.Token)..];
        return true;
    }
}
