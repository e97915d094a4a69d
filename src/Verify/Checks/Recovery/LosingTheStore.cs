using System.Diagnostics;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Recovery;

/// <summary>Check 10: the store is killed. The breaker opens and closes again, the others go on, and clients are told.</summary>
internal sealed class LosingTheStore : CheckPart
{
    private const int Questions = 3;
    private const int Probes = 8;
    private const int LoginKills = 4;
    private static readonly string[] UsersOfTheStore = ["auth", "backend"];
    private static readonly string[] Services = [.. UsersOfTheStore, "frontend"];
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the breaker stays open before one call tries (PROTOCOL.md).</summary>
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);

    /// <summary>For so long before that the store hangs: long enough to be hanging by then, too short for its clients to give their connection up.</summary>
    private static readonly TimeSpan HangsBefore = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(25);

    /// <summary>Well before the breaker tries again: whoever is told then is told of nothing.</summary>
    private static readonly TimeSpan NoticeWithin = TimeSpan.FromSeconds(5);
    private static readonly Assertion Closed = At("recovery.breaker.closed", "The breaker of the store is closed to begin with");
    private static readonly Assertion Opened = At("recovery.breaker.opens", "After the kill it opens, at three failures");
    private static readonly Assertion Fast = At("recovery.breaker.fast", "While it is open a call that needs the store fails within 50 ms", 50);
    private static readonly Assertion Others = At("recovery.others", "Meanwhile the other services answer protected calls");
    private static readonly Assertion Degraded = At("recovery.notice.degraded", "An open socket is told with a degraded frame") with { Deadline = NoticeWithin };
    private static readonly Assertion Told = At("recovery.health", "The readiness of who needs the store says that it is away") with { Deadline = NoticeWithin };
    private static readonly Assertion Kept = At("recovery.messages.kept", "Questions accepted during the outage are answered once, in order");
    private static readonly Assertion Policy = At("recovery.limits.hold", "During the outage the message limit holds as written: five, then rate_limited");
    private static readonly Assertion Login = At("recovery.limits.login", "During the outage signing in is closed, and the refusal says so (503)");
    private static readonly Assertion Restarted = At("recovery.restart.backoff", "The launcher starts it again, a second time after a longer wait") with { Needs = Needs.State | Needs.SameMachine | Needs.OwnStore | Needs.OwnStack };
    private static readonly Assertion Found = At("recovery.restart.discovery", "Discovery names the new process", 15_000);
    private static readonly Assertion HalfOpen = At("recovery.breaker.half_open", "It goes from open to half-open, and then to closed");
    private static readonly Assertion One = At("recovery.breaker.one_probe", "While half-open one call tries; the others fail fast");
    private static readonly Assertion Recovered = At("recovery.notice.recovered", "The socket is told with a recovered frame");
    private static readonly Assertion Usable = At("recovery.usable", "What needs the store works again within 15 seconds of the kill", 15_000);
    private static readonly Assertion Healthy = At("recovery.healthy", "All is healthy, and the breaker closed, within 30 seconds of the kill", 30_000) with { Deadline = TimeSpan.FromSeconds(31) };

    public override StackRole Stack => StackRole.Second;

    public override bool Disrupts => true;

    public override IReadOnlyList<Assertion> Assertions { get; } =
        [Closed, Opened, Told, Fast, Others, Degraded, Login, Policy, Kept, Found, Restarted, One, HalfOpen, Usable, Recovered, Healthy];

    private static Assertion At(string id, string statement, double? limitMs = null) => new(id, statement, limitMs) { Needs = Needs.State | Needs.SameMachine | Needs.OwnStore, Deadline = Within };

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.SameMachine | Needs.OwnStore) is not null) return; // all excluded
        await using var asker = await Asker.NewAsync(system, "outage", 81, cancellationToken, rows: 60);
        var limited = await system.Members.SignUpAsync("outage-limited", cancellationToken);
        var trying = await system.Members.SignUpAsync("outage-trying", cancellationToken); // a quota of requests of its own
        await using var limitedSocket = await limited.ConnectAsync(cancellationToken);
        var watch = new BreakerWatch(system, asker.Member, "store");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = watch.RunAsync(ended.Token);
        try
        {
            await run.ShowAsync(Closed, async (probe, stop) =>
            {
                await watch.UntilAsync("closed", DateTimeOffset.MinValue, stop);
                probe.Equal("the breaker's first state", "closed", watch.Seen[0].State);
            }, cancellationToken);
            var killed = new TaskCompletionSource();
            var told = run.ShowAsync(Told, (_, stop) => SayItIsAwayAsync(system, killed.Task, stop), cancellationToken);
            Outage outage;
            try
            {
                outage = await KillAsync(run, asker, watch, killed, cancellationToken);
            }
            catch (SequenceStopped)
            {
                await told;
                throw;
            }

            await ShowLoginAsync(run, limited, outage, cancellationToken);
            await CheckRun.AtOnceAsync(
                () => ShowMeanwhileAsync(run, asker, limited, limitedSocket, outage, cancellationToken),
                () => told,
                () => run.ShowAsync(Degraded, (_, stop) => NoticeAsync(asker.Socket, "degraded", stop), cancellationToken),
                () => ShowRestartAsync(run, outage, cancellationToken));
            // Nothing that follows comes about while it stays away.
            if (run.Findings.Any(f => f.Id == Found.Id && f.Verdict == Verdict.Failed)) throw new SequenceStopped(Found.Id);
            await ShowReturnAsync(run, asker, trying, watch, outage, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed record Outage(DiscoveryRecord Before, DateTimeOffset KilledAt, long Killed, DateTimeOffset OpenedAt);

    private static async Task<Outage> KillAsync(CheckRun run, Asker asker, BreakerWatch watch, TaskCompletionSource isKilled, CancellationToken cancellationToken)
    {
        var system = run.System;
        var before = Killing.RecordOf(system, "store");
        var (killedAt, killed, openedAt) = (run.Time.GetUtcNow(), run.Time.GetTimestamp(), run.Time.GetUtcNow());
        await run.MustAsync(Opened, async (probe, stop) =>
        {
            (killedAt, killed) = (run.Time.GetUtcNow(), run.Time.GetTimestamp());
            Killing.Kill(probe, "store", before);
            isKilled.SetResult();
            // Calls that need it, until the breaker has seen three of them fail.
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var calls = CallAsync(system, asker.Member, enough.Token);
            var (at, failures) = await watch.UntilAsync("open", killedAt, stop);
            openedAt = at;
            await enough.CancelAsync();
            await calls;
            probe.Equal("the failures at which it opened", 3L, Math.Min(failures, 3));
        }, cancellationToken);
        return new Outage(before, killedAt, killed, openedAt);
    }

    /// <summary>It is away for a second or two only: its readiness is asked for from the kill on.</summary>
    private static async Task SayItIsAwayAsync(SystemUnderTest system, Task killed, CancellationToken cancellationToken)
    {
        await killed.WaitAsync(cancellationToken);
        await Task.WhenAll(UsersOfTheStore.Select(async service =>
        {
            try
            {
                await Waiting.UntilAsync(system.Time, async () =>
                {
                    var health = await system.LookAtHealthAsync(service, cancellationToken);
                    return health.FindText("status") != "healthy" && health.Find("checks")?.Find("store")?.FindText("status") is not (null or "healthy");
                }, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"the readiness of {service} did not say it");
            }
        }));
    }

    private static async Task CallAsync(SystemUnderTest system, Member member, CancellationToken cancellationToken)
    {
        try
        {
            await Waiting.UntilAsync(system.Time, async () =>
            {
                await system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), await member.GetAsync(cancellationToken), null, cancellationToken);
                return false;
            }, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The breaker is open.
        }
    }

    /// <summary>The breaker stays open when the store is back; sign-in opens again at once. So where the store was back before the answer, it is killed once more: each time it stays away for longer.</summary>
    private static async Task ShowLoginAsync(CheckRun run, Member limited, Outage outage, CancellationToken cancellationToken) => await run.ShowAsync(Login, async (probe, stop) =>
    {
        var killed = outage.Before;
        for (var kills = 1; ; kills++)
        {
            var answer = await SignIn.LogInAsync(run.System, limited.Email, limited.Password, stop);
            if (answer.Status == 503 || kills == LoginKills)
            {
                answer.Expect(503, "unavailable");
                return;
            }

            killed = await Killing.UntilAnewAsync(run.System, probe, "store", killed, stop);
            Killing.Kill(probe, "store", killed);
        }
    }, cancellationToken);

    private static async Task ShowMeanwhileAsync(CheckRun run, Asker asker, Member limited, ProbeSocket limitedSocket, Outage outage, CancellationToken cancellationToken)
    {
        var system = run.System;
        await run.ShowAsync(Fast, async (probe, stop) =>
        {
            var samples = new List<double>();
            for (var i = 0; i < 10; i++)
            {
                var answer = (await system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), await asker.Member.GetAsync(stop), null, stop)).Expect(503, "unavailable");
                samples.Add(answer.Exchange.ElapsedMs);
            }

            probe.MeasureP95(samples);
        }, cancellationToken);
        await run.ShowAsync(Others, async (probe, stop) =>
        {
            (await asker.Member.GetAsync("/auth/me", stop)).Expect(200);
            (await asker.Member.GetAsync("/api/threads", stop)).Expect(200);
            (await system.Web.GetAsync(new Uri(system.Frontend, "/"), null, stop)).Expect(200);
            if (run.Time.GetUtcNow() - outage.OpenedAt >= OpenFor) throw new NotJudged("the breaker may have tried again meanwhile");
        }, cancellationToken);
        await run.ShowAsync(Policy, async (probe, stop) =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Limits.LimitingMessages.TryAskAsync(limitedSocket, stop)));
            probe.Equal("the messages that were let through", 5, answers.Count(a => a is null));
            probe.Equal("the messages that were refused", 7, answers.Count(a => a == "rate_limited"));
        }, cancellationToken);
        await run.ShowAsync(Kept, async (probe, stop) =>
        {
            var thread = $"outage-{Guid.NewGuid():N}";
            var started = new List<Started>();
            for (var i = 0; i < Questions; i++) started.Add(await asker.AskAsync("What did we spend in total, by model?", stop, thread));
            foreach (var one in started) await Asking.EndAsync(asker.Socket, one.RunId, stop);
            var events = asker.Socket.EventsOf(thread);
            Asking.RequireDense(probe, events);
            var ends = events.Where(e => ProbeSocket.EventTypeOf(e) == "RUN_FINISHED").Select(ProbeSocket.RunOf).ToList();
            probe.Equal("the answers, in order", string.Join(' ', started.Select(s => s.RunId)), string.Join(' ', ends));
        }, cancellationToken);
    }

    private static async Task ShowRestartAsync(CheckRun run, Outage outage, CancellationToken cancellationToken)
    {
        var system = run.System;
        DiscoveryRecord? after = null;
        await run.MustAsync(Found, async (probe, stop) =>
        {
            after = await Killing.UntilAnewAsync(system, probe, "store", outage.Before, stop);
            probe.Measure(run.Time.GetElapsedTime(outage.Killed).TotalMilliseconds, Found.LimitMs!.Value, "ms");
        }, cancellationToken);
        await run.ShowAsync(Restarted, async (probe, stop) =>
        {
            Killing.Kill(probe, "store", after!);
            await Killing.UntilAnewAsync(system, probe, "store", after!, stop);
            var waits = system.Own!.Events.Where(e => e.Event.FindText("service") == "store" && string.Equals(e.Event.FindText("state"), "restarting", StringComparison.OrdinalIgnoreCase))
                .Select(e => (e.At, Again: system.Own.Events.FirstOrDefault(n => n.At > e.At && n.Event.FindText("service") == "store" && string.Equals(n.Event.FindText("state"), "starting", StringComparison.OrdinalIgnoreCase)).At))
                .Select(p => (p.Again - p.At).TotalMilliseconds).ToList();
            probe.That(waits.Count >= 2, $"the launcher told of {waits.Count} restarts");
            probe.That(waits[^1] > waits[^2] * 1.3, $"it waited {waits[^2]:0} ms, then {waits[^1]:0} ms");
        }, cancellationToken);
    }

    private static async Task ShowReturnAsync(CheckRun run, Asker asker, Member trying, BreakerWatch watch, Outage outage, CancellationToken cancellationToken)
    {
        var system = run.System;
        await run.ShowAsync(One, (probe, stop) => OneProbeAsync(run, trying, watch, outage, probe, stop), cancellationToken);
        await run.ShowAsync(HalfOpen, async (probe, stop) =>
        {
            var half = await watch.UntilAsync("half_open", outage.OpenedAt, stop);
            await watch.UntilAsync("closed", half.At, stop);
            probe.That(watch.Seen.Select(s => s.State).ToList() is ["closed", "open", "half_open", .., "closed"], $"its states were {string.Join(" → ", watch.Seen.Select(s => s.State))}");
        }, cancellationToken);
        await CheckRun.AtOnceAsync(
            () => run.ShowAsync(Usable, async (probe, stop) =>
            {
                await Waiting.UntilAsync(run.Time, async () => (await system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), await asker.Member.GetAsync(stop), null, stop)).Status == 200, stop);
                probe.Measure(run.Time.GetElapsedTime(outage.Killed).TotalMilliseconds, Usable.LimitMs!.Value, "ms");
            }, cancellationToken),
            () => run.ShowAsync(Recovered, (_, stop) => NoticeAsync(asker.Socket, "recovered", stop), cancellationToken),
            () => run.ShowAsync(Healthy, async (probe, stop) =>
            {
                foreach (var service in Services)
                    await Waiting.UntilAsync(run.Time, async () => (await system.LookAtHealthAsync(service, stop)).FindText("status") == "healthy", stop);
                await watch.UntilAsync("closed", outage.OpenedAt, stop);
                probe.Measure(run.Time.GetElapsedTime(outage.Killed).TotalMilliseconds, Healthy.LimitMs!.Value, "ms");
            }, cancellationToken));
    }

    /// <summary>
    /// Stops the store's process just before the breaker tries it, so that the one call that tries hangs, and all others do not. It need not be one of
    /// ours: the backend tries by itself as well. While its call hangs the breaker is seen half-open, and all of ours fail fast.
    /// </summary>
    private static async Task OneProbeAsync(CheckRun run, Member trying, BreakerWatch watch, Outage outage, Probe probe, CancellationToken cancellationToken)
    {
        var system = run.System;
        var token = await trying.GetAsync(cancellationToken);
        var wait = outage.OpenedAt + OpenFor - HangsBefore - run.Time.GetUtcNow();
        if (wait > TimeSpan.Zero) await Task.Delay(wait, run.Time, cancellationToken);
        var pid = Killing.RecordOf(system, "store").Pid;
        Signal("STOP", pid);
        using var rounds = new PeriodicTimer(BetweenRounds, run.Time); // a user may ask only so often
        try
        {
            probe.Add(new ProcessLook(probe.Now, "store", pid, true, ProcessIdentity.StateOf(pid)));
            // Until the open time is over all calls fail fast; then one hangs. It must not hang until it fails: the breaker would open once more.
            while (true)
            {
                var isTried = watch.Seen[^1].State == "half_open";
                var calls = Enumerable.Range(0, Probes).Select(_ => system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), token, null, cancellationToken)).ToList();
                var all = Task.WhenAll(calls);
                if (await Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(300), run.Time, cancellationToken)) == all)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (isTried && (await all).All(a => a.Status == 503)) return;
                    await rounds.WaitForNextTickAsync(cancellationToken);
                    continue;
                }

                probe.Equal("the calls that tried, while half-open", 1, calls.Count(c => !c.IsCompleted));
                Signal("CONT", pid);
                await all;
                return;
            }
        }
        finally
        {
            Signal("CONT", pid);
        }
    }

    private static async Task NoticeAsync(ProbeSocket socket, string type, CancellationToken cancellationToken)
    {
        var frame = await socket.UntilAsync($"a {type} frame", f => ProbeSocket.TypeOf(f) == type && f.FindText("dependency") == "store", cancellationToken);
        if (frame.Text("message").Length == 0) throw new Refutation($"the {type} frame says nothing");
        socket.Note();
    }

    private static void Signal(string signal, int pid)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{pid}"]));
        kill?.WaitForExit(TimeSpan.FromSeconds(2));
    }
}
