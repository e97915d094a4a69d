using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>
/// Does inside a server what the bench asks for, line by line over a Unix socket: <c>prepare streams</c>, <c>round first end step</c> (one event to each of these
/// streams, unanswered), <c>pace streams rate seconds</c> (each stream so many a second), <c>flush</c>, <c>collect</c>, and what the peer itself knows.
/// </summary>
internal static class PeerControl
{
    /// <summary>Names the socket.</summary>
    public const string Setting = "THROUGHLINE_BENCH_CONTROL";

    /// <summary>Says where the server listens, and serves until the bench hangs up.</summary>
    public static async Task RunAsync(IPeer peer, string url)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Environment.GetEnvironmentVariable(Setting)!));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        await writer.WriteLineAsync($"ready {url}");
        var numbers = new long[64 * 1024];
        while (await reader.ReadLineAsync() is { } line)
        {
            try
            {
                if (await AnswerAsync(peer, numbers, line.Split(' ')) is { } answer) await writer.WriteLineAsync(answer);
            }
            catch (Exception e) when (e is not IOException)
            {
                await writer.WriteLineAsync($"failed {line}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private static async Task<string?> AnswerAsync(IPeer peer, long[] numbers, string[] command)
    {
        switch (command)
        {
            case ["prepare", var streams]:
                await peer.PrepareAsync(Number(streams));
                return "ok";
            case ["round", var first, var end, var step]:
                for (var stream = Number(first); stream < Number(end); stream += Number(step)) await peer.PublishAsync(stream, ++numbers[stream]);
                return null;
            case ["pace", var streams, var rate, var seconds]:
                await PaceAsync(peer, numbers, Number(streams), Number(rate), Number(seconds));
                return "ok";
            case ["flush"]:
                await peer.FlushAsync();
                return "ok";
            case ["collect"]:
                for (var i = 0; i < 2; i++) GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                return "ok";
            default:
                return await peer.AnswerAsync(command);
        }
    }

    /// <summary>Streams are not in step with each other: their events are spread evenly over the time.</summary>
    private static async Task PaceAsync(IPeer peer, long[] numbers, int streams, int rate, int seconds)
    {
        var (began, published, all) = (Stopwatch.GetTimestamp(), 0L, (long)streams * rate * seconds);
        while (published < all)
        {
            var due = Math.Min(all, (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * streams * rate));
            for (; published < due; published++)
            {
                var stream = (int)(published % streams);
                await peer.PublishAsync(stream, ++numbers[stream]);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
