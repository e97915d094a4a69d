using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Isolation;

/// <summary>Check 8: somebody who does not read what is sent to him does not slow down somebody who does.</summary>
internal sealed class SlowConsumer : CheckPart
{
    private const int Rounds = 5;
    private const int RoundsWhereInDoubt = 15; // what the machine does besides passes; what the service does stays
    private const int Pings = 200;
    private const int Ahead = 50; // not counted: until the one who does not read has been sent all that he can take
    private const double GrainMs = 2; // less than this is the machine's scheduling, not the service

    private static readonly Assertion Slow = new("isolation.slow_consumer", "A user who reads nothing does not raise another's p99 by more than 10 % (or by 2 ms, where that is more)") { Deadline = TimeSpan.FromSeconds(30) };

    public override bool MeasuresAlone => true;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Slow];

    public override Task RunAsync(CheckRun run, CancellationToken cancellationToken) => run.ShowAsync(Slow, async (probe, stop) =>
    {
        await using var slow = await Asker.NewAsync(run.System, "slow", 65, stop, rows: 500);
        await using var quick = await Asker.NewAsync(run.System, "quick", 66, stop, rows: 20);
        var started = await slow.AskAsync(Asking.FullReport, stop);
        await Asking.EndAsync(slow.Socket, started.RunId, stop);
        var (without, with) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds || (round < RoundsWhereInDoubt && Middle(with) > LimitOf(Middle(without))); round++)
        {
            without.Add(await P99Async(run, quick, stop));
            using var stuck = await StuckAsync(run.System, slow.Member, started.ThreadId, stop);
            with.Add(await P99Async(run, quick, stop));
            stuck.Abort();
        }

        probe.Measure(Middle(with), LimitOf(Middle(without)), "ms", with.Count * Pings);
    }, cancellationToken);

    private static double LimitOf(double undisturbed) => Math.Max(undisturbed * 1.1, undisturbed + GrainMs);

    /// <summary>Of the rounds: one of them may meet something else that the machine does.</summary>
    private static double Middle(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);

    private static async Task<double> P99Async(CheckRun run, Asker asker, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = -Ahead; i < Pings; i++)
        {
            var began = run.Time.GetTimestamp();
            await asker.Socket.AskAsync(new JsonObject { ["type"] = "ping" }, cancellationToken);
            if (i >= 0) samples.Add(run.Time.GetElapsedTime(began).TotalMilliseconds);
        }

        return samples.Order().ElementAt((int)Math.Ceiling(0.99 * samples.Count) - 1);
    }

    /// <summary>A socket that asks for a whole log over and over, and reads nothing.</summary>
    private static async Task<ClientWebSocket> StuckAsync(SystemUnderTest system, Member member, string threadId, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        socket.Options.Proxy = null;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {await member.GetAsync(cancellationToken)}");
        await socket.ConnectAsync(system.Socket, cancellationToken);
        var subscribe = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = threadId, ["after"] = 0 }.ToJsonString());
        for (var i = 0; i < 100; i++) await socket.SendAsync(subscribe, WebSocketMessageType.Text, true, cancellationToken);
        return socket;
    }
}
