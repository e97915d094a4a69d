namespace Throughline.Bench.Sockets.Rows;

/// <summary>A thousand users, each with a stream of his own: with seq, authentication and durable append here, with nothing kept elsewhere.</summary>
internal sealed class StreamsRow : IRow
{
    private const int Streams = 1_000;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    public string Name => "streams";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfEventsAsync(Streams);
        await using var field = await Field.StartAsync(await Kinds.HereAsync(Kinds.Ours, Kinds.SignalR, Kinds.SocketIo, Kinds.Kestrel), Streams, Streams, n => n);
        var series = await field.MeasureAsync(rounds, ceiling, (server, crowd) => Field.DriveAsync(server, crowd, () => server.RoundAsync(0, Streams), Streams, Duration));
        return
        [
            new($"{Streams:N0} users × 1 stream each, 128 B, 4 events of each under way; only Throughline's are durable", "delivered per server CPU-s", "events/s", series,
                [.. series.Skip(1).Where(s => s.Server != Kinds.NameOf(Kinds.Kestrel)).Select(peer => Goal.AtLeast($"× {peer.Server}", 1.3, series[0].RatioTo(peer)))]),
        ];
    }
}
