using System.Diagnostics;
using System.Net;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Forgery;

[Collection(Name)]
public sealed class ForgingBeforeAStackWithKeys(StackWithKeys stack) : ForgingBeforeTheStack(stack, SuiteSize.Forgeries(40_000, 1_000_000)), IClassFixture<StackWithKeys>;

[Collection(Name)]
public sealed class ForgingBeforeAStackWithASecret(StackWithASecret stack) : ForgingBeforeTheStack(stack, SuiteSize.Forgeries(50_000, 1_000_000) / 5), IClassFixture<StackWithASecret>;

/// <summary>The running stack: backend, auth and the public origin over HTTP, and the socket; good tokens among the forgeries all the time.</summary>
public abstract class ForgingBeforeTheStack(ForgeryStack stack, int total)
{
    public const string Name = "one attacked stack at a time";

    private const int Lanes = 24;
    private const int SocketLanes = 4;
    private const int ControlEach = 50;
    private const int SocketShare = 25; // one forgery in so many goes to the socket, whose handshake costs more
    private const int TimedAlone = 1_000;

    private readonly IReadOnlyList<ForgeryKind> _kinds = ForgeryKinds.ForServices(stack.Truth);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_forgery_is_let_in_anywhere()
    {
        var answers = new SameAnswer();
        using var backend = new HttpDoor("backend", new Uri(stack.Backend, "/api/me"), answers);
        using var auth = new HttpDoor("auth", new Uri(stack.Auth, "/auth/me"), answers);
        using var frontend = new HttpDoor("frontend", new Uri(stack.Frontend, "/api/me"), answers);
        using var socket = new SocketDoor(stack.WebSocket);
        var before = stack.LogLines().Count;

        var report = new ForgeryReport($"Before the stack, {stack.Truth.Algorithm}");
        var next = new Counter();
        using var attacked = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var isOpen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var controls = ControlAsync(report, [backend, auth, frontend, socket], isOpen, attacked.Token);
        await await Task.WhenAny(isOpen.Task, controls);
        await Task.WhenAll(
            AttackAsync(report, next, total - (total / SocketShare), Lanes, [backend, backend, auth, backend, backend, backend, frontend, backend]), // each fiftieth with a control: at every second of these
            AttackAsync(report, next, total / SocketShare, SocketLanes, [socket]));
        await attacked.CancelAsync();
        await controls;
        await TimeAloneAsync(report, next, backend);

        report.AssertGood(_kinds);
        answers.AssertIsInvalidToken();
        Assert.Equal(0, stack.Trap.Visits);
        await stack.Trap.AssertCatchesAsync(Stop);
        var lines = stack.LogLines();
        Assert.Contains(lines, line => line.Contains(" info: ", StringComparison.Ordinal)); // so that "fail" would be found where it is looked for
        Assert.DoesNotContain(lines, line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal));
        report.Print($"One request at a time, sent and answered, {lines.Count - before} log lines meanwhile");
    }

    /// <summary>A good token in any other place than the header is none, and two headers are no caller.</summary>
    [Fact]
    public async Task A_good_token_counts_in_the_header_only_and_once()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        var good = stack.User.AccessToken;
        foreach (var address in (Uri[])[new(stack.Backend, "/api/me"), new(stack.Auth, "/auth/me"), new(stack.Frontend, "/api/me")])
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, address, ("Authorization", $"Bearer {good}")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, new Uri(address, $"?access_token={good}")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("Cookie", $"access_token={good}; Authorization=Bearer {good}")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("X-Authorization", $"Bearer {good}"), ("X-Forwarded-Access-Token", good)));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("Authorization", $"Basic {good}")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("Authorization", good)));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("Authorization", $"Bearer {good}, Bearer {good}")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, address, ("Authorization", "Bearer x"), ("Authorization", $"Bearer {good}")));
        }
    }

    private async Task AttackAsync(ForgeryReport report, Counter next, int count, int lanes, IDoor[] doors)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(async () =>
        {
            using var mint = stack.Truth.NewMint();
            for (var n = 0; Interlocked.Decrement(ref left) >= 0; n++)
            {
                await RefuseAsync(report, mint, next.Next(), doors[(n + lane) % doors.Length]);
                if ((n + lane) % ControlEach == 0) await AcceptAsync(report, mint.Good(), doors[(n + lane) % doors.Length]);
            }
        }, Stop)));
    }

    /// <summary>The user's own token at every door, one after the other, as long as the attack lasts.</summary>
    private async Task ControlAsync(ForgeryReport report, IDoor[] doors, TaskCompletionSource isOpen, CancellationToken attacked)
    {
        while (!attacked.IsCancellationRequested)
        {
            foreach (var door in doors) await AcceptAsync(report, stack.User.AccessToken, door);
            isOpen.TrySetResult();
        }
    }

    private async Task RefuseAsync(ForgeryReport report, Mint mint, int index, IDoor door)
    {
        var (kind, token) = Make(mint, index);
        report.Refused(kind);
        if (await door.RefuseAsync(token, Stop) is { } wrong) report.Wrong($"{kind}: {wrong}", token);
    }

    private Task AcceptAsync(ForgeryReport report, string token, IDoor door) => AcceptAsync(report, token, door, ForgeryReport.Second);

    private async Task AcceptAsync(ForgeryReport report, string token, IDoor door, long since)
    {
        if (await door.AcceptAsync(token, stack.Truth.User, Stop) is { } wrong) report.Wrong($"A control was refused: {wrong}", token);
        else report.ControlAccepted(since);
    }

    /// <summary>
    /// What a refusal takes when nothing queues, a good token after each: at full load the time is that of the queue.
    /// Beside it a request with no token, which is refused without a look, and one with nothing to do at all: the way there and back. Each has
    /// connections of its own, for a refusal's connection waits until it is counted.
    /// </summary>
    private async Task TimeAloneAsync(ForgeryReport report, Counter next, HttpDoor door)
    {
        using var mint = stack.Truth.NewMint();
        using var bare = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        using var idle = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (var n = 0; n < TimedAlone; n++)
        {
            var (kind, token) = Make(mint, next.Next());
            var second = ForgeryReport.Second;
            var began = Stopwatch.GetTimestamp();
            var wrong = await door.RefuseAsync(token, Stop);
            report.Took(Stopwatch.GetElapsedTime(began));
            report.Refused(kind);
            if (wrong is not null) report.Wrong($"{kind}: {wrong}", token);
            await AcceptAsync(report, mint.Good(), door, second);
            began = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(idle, new(stack.Backend, "/health/live")));
            report.TookWithoutWork(Stopwatch.GetElapsedTime(began));
            began = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(bare, new(stack.Backend, "/api/me")));
            report.TookWithoutToken(Stopwatch.GetElapsedTime(began));
        }
    }

    private (ForgeryKind Kind, string Token) Make(Mint mint, int index)
    {
        var kind = _kinds[index % _kinds.Count];
        var random = ForgeryKinds.RandomOf(index);
        while (true)
        {
            // Some forgeries of a kind no header can carry; another of the same kind can.
            var token = kind.Make(mint, random);
            if (ForgeryKind.CanTravel(token)) return (kind, token);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, Uri address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var answer = await http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private sealed class Counter
    {
        private int _last = -1;

        public int Next() => Interlocked.Increment(ref _last);
    }
}
