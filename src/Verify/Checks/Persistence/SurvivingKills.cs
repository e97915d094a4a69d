using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Persistence;

/// <summary>Check 7: each service is killed and comes back; tokens, revocations, threads, runs and connections outlive it.</summary>
internal sealed class SurvivingKills : CheckPart
{
    private static readonly (string Id, string Name, string[] Services)[] Rounds =
    [
        ("store", "the store", ["store"]), ("auth", "auth", ["auth"]), ("backend", "the backend", ["backend"]), ("all", "all three", ["store", "auth", "backend"]),
    ];

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);
    private static readonly Assertion[] Restarts = [.. Rounds.Select(r => new Assertion($"persistence.restart.{r.Id}", $"After a kill -9 of {r.Name} the old process is gone and a new one answers within 5 seconds", 5000) { Needs = NeedsOf(r.Services), Deadline = Within })];
    private static readonly Assertion[] Tokens = [.. Rounds.Select(r => new Assertion($"persistence.token.{r.Id}", $"After a kill of {r.Name} the same token works within 10 seconds", 10_000) { Needs = NeedsOf(r.Services) })];
    private static readonly Assertion[] Revoked = [.. Rounds.Select(r => new Assertion($"persistence.revoked.{r.Id}", $"A session that was revoked before a kill of {r.Name} is revoked after it") { Needs = NeedsOf(r.Services) })];
    private static readonly Assertion History = new("persistence.history", "The thread's log and messages are the same after all kills, byte for byte but for times") { Needs = Needs.State | Needs.SameMachine };
    private static readonly Assertion InFlight = new("persistence.run.in_flight", "A run in flight at the kill ends with its whole answer, nothing twice, nothing lost") { Needs = Needs.State | Needs.SameMachine, Deadline = TimeSpan.FromSeconds(30) };
    private static readonly Assertion Replay = new("persistence.replay", "Whoever asks for what came after a sequence number gets exactly that") { Needs = Needs.State | Needs.SameMachine };
    private static readonly Assertion Reconnect = new("persistence.reconnect", "The client reconnects by itself within 10 seconds and gets exactly the events after its last one") { Needs = Needs.State | Needs.SameMachine, Deadline = TimeSpan.FromSeconds(20) };
    private static readonly Assertion Total = new("persistence.total", "Each of these took less than 30 seconds", 30_000) { Needs = Needs.State | Needs.SameMachine };

    public override bool Disrupts => true;

    public override IReadOnlyList<Assertion> Assertions { get; } = [.. Rounds.SelectMany((_, i) => new[] { Restarts[i], Tokens[i], Revoked[i] }), History, InFlight, Replay, Reconnect, Total];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.SameMachine) is not null) return; // all excluded
        await using var asker = await Asker.NewAsync(system, "survivor", 51, cancellationToken);
        var revoked = await system.Members.SignInAsync(asker.Member.Email, asker.Member.Password, asker.Member.UserId, cancellationToken);
        (await revoked.SendAsync(HttpMethod.Post, "/auth/logout", null, cancellationToken)).Expect(204);
        var started = await asker.AskAsync("What did we spend in total, by model?", cancellationToken);
        await Asking.EndAsync(asker.Socket, started.RunId, cancellationToken);
        var before = await LogAsync(asker.Member, started.ThreadId, cancellationToken);
        var (longest, rounds) = (0.0, 0);
        for (var i = 0; i < Rounds.Length; i++)
        {
            if (system.Lacks(NeedsOf(Rounds[i].Services)) is not null) continue; // excluded
            rounds++;
            var began = run.Time.GetTimestamp();
            await RoundAsync(run, i, asker, revoked, started, cancellationToken);
            longest = Math.Max(longest, run.Time.GetElapsedTime(began).TotalMilliseconds);
        }

        await run.ShowAsync(History, async (probe, stop) => probe.Equal("the thread's log and messages", before, await LogAsync(asker.Member, started.ThreadId, stop)), cancellationToken);
        // With a run that never ends the time went by in waiting for it.
        if (run.Findings.Any(f => f.Id == InFlight.Id && f.Verdict == Verdict.Failed)) return;
        await run.ShowAsync(Total, (probe, _) =>
        {
            probe.Measure(longest, Total.LimitMs!.Value, "ms", rounds);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static Needs NeedsOf(IEnumerable<string> services) => Needs.State | Needs.SameMachine | (services.Contains("store") ? Needs.OwnStore : Needs.None);

    private static async Task RoundAsync(CheckRun run, int index, Asker asker, Member revoked, Started started, CancellationToken cancellationToken)
    {
        var (system, (id, _, services)) = (run.System, Rounds[index]);
        var member = asker.Member;
        await member.GetAsync(cancellationToken); // a fresh token, where tokens are short-lived
        var token = member.AccessToken;
        // While the backend dies a run is in flight, and a client reads.
        await using var flight = id == "backend" ? await Flight.BeginAsync(run, asker, started, cancellationToken) : null;
        var killed = run.Time.GetTimestamp();
        await run.MustAsync(Restarts[index], async (probe, stop) => await Killing.KillAsync(system, probe, services, stop), cancellationToken);
        await CheckRun.AtOnceAsync(
            () => ShowFlightAsync(run, flight, killed, cancellationToken),
            () => ShowTokensAsync(run, index, member.UserId, token, revoked, killed, cancellationToken));
    }

    private static async Task ShowFlightAsync(CheckRun run, Flight? flight, long killed, CancellationToken cancellationToken)
    {
        if (flight is null) return;
        await run.ShowAsync(Reconnect, (probe, stop) => flight.ReconnectedAsync(probe, killed, stop), cancellationToken);
        if (await run.ShowAsync(InFlight, (probe, stop) => flight.EndedAsync(probe, stop), cancellationToken))
            await run.ShowAsync(Replay, (probe, stop) => flight.ReplayedAsync(probe, stop), cancellationToken);
    }

    private static async Task ShowTokensAsync(CheckRun run, int index, Guid userId, string token, Member revoked, long killed, CancellationToken cancellationToken)
    {
        var system = run.System;
        await run.ShowAsync(Tokens[index], async (probe, stop) =>
        {
            await UntilAsync(run.Time, async () => (await system.Web.GetAsync(new Uri(system.Backend, "/api/threads"), token, stop)).Status == 200, stop);
            await UntilAsync(run.Time, async () => (await system.Web.GetAsync(new Uri(system.Auth, "/auth/me"), token, stop)).Status == 200, stop);
            await using var socket = await ProbeSocket.OpenAsync(system.Socket, Carrier.Header, token, run.Time, stop);
            probe.Equal("the greeted user", userId, (await socket.HelloAsync(stop)).Id("userId"));
            probe.Measure(run.Time.GetElapsedTime(killed).TotalMilliseconds, Tokens[index].LimitMs!.Value, "ms");
        }, cancellationToken);
        await run.ShowAsync(Revoked[index], async (probe, stop) =>
        {
            await probe.ControlAsync(async () => (await system.Web.GetAsync(new Uri(system.Backend, "/api/threads"), token, stop)).Expect(200));
            (await system.Web.GetAsync(new Uri(system.Backend, "/api/threads"), revoked.AccessToken, stop)).Expect(401);
            (await system.Web.GetAsync(new Uri(system.Auth, "/auth/me"), revoked.AccessToken, stop)).Expect(401);
        }, cancellationToken);
    }

    private static Task UntilAsync(TimeProvider time, Func<Task<bool>> isSo, CancellationToken cancellationToken) => Waiting.UntilAsync(time, async () =>
    {
        try
        {
            return await isSo();
        }
        catch (HttpRequestException)
        {
            return false; // not yet
        }
    }, cancellationToken);

    /// <summary>The thread as it is kept, without what only tells when.</summary>
    private static async Task<string> LogAsync(Member member, string threadId, CancellationToken cancellationToken)
    {
        var events = (await member.GetAsync($"/api/threads/{threadId}/events?after=0&limit=1000", cancellationToken)).Expect(200).Text;
        var messages = (await member.GetAsync($"/api/threads/{threadId}/messages", cancellationToken)).Expect(200).Text;
        return WithoutTimes(events) + "\n" + WithoutTimes(messages);
    }

    internal static string WithoutTimes(string json)
    {
        var node = JsonNode.Parse(json);
        Strip(node);
        return node!.ToJsonString();

        static void Strip(JsonNode? node)
        {
            if (node is JsonObject members)
            {
                members.Remove("timestamp");
                members.Remove("elapsedMs");
                foreach (var (_, value) in members) Strip(value);
            }
            else if (node is JsonArray items)
            {
                foreach (var item in items) Strip(item);
            }
        }
    }
}
