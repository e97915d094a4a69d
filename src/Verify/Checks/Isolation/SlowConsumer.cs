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
    private const int MostAtOnce = 16;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20); // before the deadline: then what there is decides

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
        var began = run.Time.GetTimestamp();
        bool MayGoOn(int round) => round < RoundsWhereInDoubt && run.Time.GetElapsedTime(began) < Longest;
        // The longer the way, the more are under way at once: else they would take minutes.
        var atOnce = Math.Clamp((int)Math.Ceiling((await PingAsync(run, quick, stop)) / GrainMs), 1, MostAtOnce);
        for (var round = 0; round < Rounds || (MayGoOn(round) && Middle(with) > LimitOf(Middle(without))); round++)
        {
            without.Add(await P99Async(run, quick, atOnce, stop));
            using var stuck = await StuckAsync(run.System, slow.Member, started.ThreadId, stop);
            with.Add(await P99Async(run, quick, atOnce, stop));
            stuck.Abort();
        }

        probe.Measure(with.Count == Rounds ? Middle(with) : Lasting(with), LimitOf(Middle(without)), "ms", with.Count * Pings);
    }, cancellationToken);

    private static double LimitOf(double undisturbed) => Math.Max(undisturbed * 1.1, undisturbed + GrainMs);

    /// <summary>Of the rounds: one of them may meet something else that the machine does.</summary>
    private static double Middle(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);

    /// <summary>What four fifths of the rounds come to. Where the way there is uneven by itself, half of them are over the limit often enough; 12 of 15 by chance in 2 of 100 cases.</summary>
    private static double Lasting(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 5);

    private static async Task<double> P99Async(CheckRun run, Asker asker, int atOnce, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < Ahead + Pings; i += atOnce) samples.AddRange(await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => PingAsync(run, asker, cancellationToken))));
        return samples.Skip(Ahead).Order().ElementAt((int)Math.Ceiling(0.99 * (samples.Count - Ahead)) - 1);
    }

    /// <returns>Milliseconds until the answer.</returns>
    private static async Task<double> PingAsync(CheckRun run, Asker asker, CancellationToken cancellationToken)
    {
        var began = run.Time.GetTimestamp();
        await asker.Socket.AskAsync(new JsonObject { ["type"] = "ping" }, cancellationToken);
        return run.Time.GetElapsedTime(began).TotalMilliseconds;
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
