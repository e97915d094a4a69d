namespace Throughline.Bench.Sockets.Rows;

/// <summary>One stream, a thousand sockets of its owner: more than any user has (<c>Gateway:SocketsPerUser</c> is raised), to see what a delivery costs by itself.</summary>
internal sealed class FanOutRow : IRow
{
    private const int Sockets = 1_000;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    public string Name => "fan-out";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfEventsAsync(Sockets);
        await using var field = await Field.StartAsync(await Kinds.HereAsync(Kinds.Ours, Kinds.SignalR, Kinds.SocketIo, Kinds.Kestrel), Sockets, 1, _ => 0);
        var series = await field.MeasureAsync(rounds, ceiling, (server, crowd) => Field.DriveAsync(server, crowd, () => server.RoundAsync(0, 1), Sockets, Duration));
        return
        [
            new($"Fan-out, synthetic: one stream to {Sockets:N0} sockets, 128 B, 4 events under way", "delivered per server CPU-s", "deliveries/s", series,
                [.. series.Skip(1).Select(peer => Goal.AtLeast($"× {peer.Server}", peer.Server == Kinds.NameOf(Kinds.Kestrel) ? 0.95 : 1.6, series[0].RatioTo(peer)))]),
        ];
    }
}
