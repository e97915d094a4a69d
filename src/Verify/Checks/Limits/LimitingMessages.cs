using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Throughline.Verify.Checks.Journey;

namespace Throughline.Verify.Checks.Limits;

/// <summary>Check 9: exactly the quota and not one more, for each tier, by each door.</summary>
internal sealed partial class LimitingMessages : CheckPart
{
    private static readonly string[] Tiers = ["free", "early", "mid", "enterprise"];
    private static readonly Assertion[] Exact = [.. Tiers.Select(tier => new Assertion($"limits.messages.{tier}", $"A user of the tier {tier} gets exactly the promised messages through; the next is rate_limited, and the socket stays open")
    {
        Needs = tier == "free" ? Needs.None : Needs.Administrator, Deadline = TimeSpan.FromSeconds(20),
    })];

    private static readonly Assertion Tier = new("limits.messages.tier", "A change of tier counts at once") { Needs = Needs.Administrator };
    private static readonly Assertion Burst = new("limits.messages.burst", "A burst at the same moment lets exactly the quota through") { Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Nodes = new("limits.messages.nodes", "A burst over two backends lets exactly the quota through") { Needs = Needs.Services, Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Http = new("limits.http.refused", "Over HTTP the message after the quota gets 429") { Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Fields = new("limits.http.fields", "RateLimit-Policy, RateLimit and Retry-After say the quota, the window and what is left");
    private static readonly Assertion Others = new("limits.messages.others", "One user who has used up its quota does not affect another");
    private static readonly Assertion Health = new("limits.http.health", "Health pages are never limited") { Deadline = TimeSpan.FromSeconds(10) };

    public override IReadOnlyList<Assertion> Assertions { get; } = [.. Exact, Tier, Burst, Nodes, Http, Fields, Others, Health];

    public override Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        List<Func<Task>> all = [() => ShowTiersAsync(run, cancellationToken), () => ShowHealthAsync(run, cancellationToken)];
        if (run.Options.Graph.Messages.Free > MessageQuotas.MostAtOnce)
            foreach (var assertion in (Assertion[])[Burst, Nodes, Http, Fields, Others]) run.Exclude(assertion, $"a quota of more than {MessageQuotas.MostAtOnce} messages is not tried so often");
        else
            all.AddRange(
                () => run.ShowAsync(Burst, async (probe, stop) => await BurstAsync(run, probe, [run.System.Backend], stop), cancellationToken),
                () => ShowNodesAsync(run, cancellationToken),
                () => ShowHttpAsync(run, cancellationToken));
        return CheckRun.AtOnceAsync([.. all]);
    }

    private static Task<bool> ShowHealthAsync(CheckRun run, CancellationToken cancellationToken) => run.ShowAsync(Health, async (probe, stop) =>
    {
        var page = new Uri(run.System.StateRoot is null ? run.System.Frontend : run.System.Backend, "/health/live");
        for (var i = 0; i < 300; i++)
            probe.That((await run.System.Web.GetAsync(page, null, stop)).Expect(200).Header("RateLimit") is null, "the health page is counted by the limits");
    }, cancellationToken);

    private static async Task ShowTiersAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var member = await system.Members.SignUpAsync("tiers", cancellationToken);
        await using var socket = await member.ConnectAsync(cancellationToken);
        var sent = 0;
        var tierAtFirst = member.Claims.FindText("tier") ?? Tiers[0];
        foreach (var (tier, quota, assertion) in Tiers.Zip(run.Options.Graph.Messages.Ascending, Exact))
        {
            if (quota > MessageQuotas.Most)
            {
                foreach (var untried in tier == "early" ? [Tier, assertion] : (Assertion[])[assertion]) run.Exclude(untried, $"a quota of more than {MessageQuotas.Most} messages is not tried");
                continue;
            }

            if (tier != "free")
            {
                if (system.Lacks(Needs.Administrator) is not null) break;
                if (tier == "early")
                    await run.ShowAsync(Tier, async (probe, stop) =>
                    {
                        await Asker.RaiseAsync(system, member, tier, stop);
                        probe.That(await TryAskAsync(socket, stop) is null, "the first message after the change is still refused");
                        sent++;
                    }, cancellationToken);
                else await Asker.RaiseAsync(system, member, tier, cancellationToken);
            }

            await run.ShowAsync(assertion, async (probe, stop) =>
            {
                if (tier == Tiers[0]) probe.Equal(JourneyCheck.NewTier, tier, tierAtFirst);
                var answers = await Task.WhenAll(Enumerable.Range(sent, quota - sent).Select(_ => TryAskAsync(socket, stop)));
                probe.Equal("the messages that were let through", quota, sent + answers.Count(a => a is null));
                sent = quota;
                probe.Equal("the answer to the next", "rate_limited", await TryAskAsync(socket, stop) ?? "ack");
                await socket.AskAsync(new JsonObject { ["type"] = "ping" }, stop);
                socket.Note();
            }, cancellationToken);
        }
    }

    private static async Task ShowNodesAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var nodes = run.System.RecordsOf("backend");
        if (nodes.Count < 2) run.Exclude(Nodes, "the target has one backend");
        else await run.ShowAsync(Nodes, (probe, stop) => BurstAsync(run, probe, [.. nodes.Select(n => new Uri(n.ApiUrl))], stop), cancellationToken);
    }

    /// <summary>Four times the quota at once, spread over the nodes.</summary>
    private static async Task BurstAsync(CheckRun run, Probe probe, IReadOnlyList<Uri> nodes, CancellationToken cancellationToken)
    {
        var (system, quota) = (run.System, run.Options.Graph.Messages.Free);
        var member = await system.Members.SignUpAsync("burst", cancellationToken);
        var sockets = await Task.WhenAll(nodes.Select(async node =>
        {
            var socket = await ProbeSocket.OpenAsync(SystemUnderTest.SocketAt(node), Carrier.Header, member.AccessToken, system.Time, cancellationToken);
            await socket.HelloAsync(cancellationToken);
            return socket;
        }));
        try
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4 * quota).Select(i => TryAskAsync(sockets[i % sockets.Length], cancellationToken)));
            probe.Equal("the messages that were let through", quota, answers.Count(a => a is null));
            probe.Equal("the messages that were refused", 3 * quota, answers.Count(a => a == "rate_limited"));
        }
        finally
        {
            foreach (var socket in sockets) await socket.DisposeAsync();
        }
    }

    private static async Task ShowHttpAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var (member, other) = (await system.Members.SignUpAsync("http-limit", cancellationToken), await system.Members.SignUpAsync("bystander", cancellationToken));
        Answer? refused = null;
        await run.MustAsync(Http, async (probe, stop) =>
        {
            for (var i = 0; i < run.Options.Graph.Messages.Free; i++) (await PostAsync(system, member, stop)).Expect(200);
            refused = (await PostAsync(system, member, stop)).Expect(429, "rate_limited");
        }, cancellationToken);
        await run.ShowAsync(Others, async (probe, stop) =>
        {
            (await PostAsync(system, other, stop)).Expect(200);
            await probe.ControlAsync(async () => (await PostAsync(system, member, stop)).Expect(429));
        }, cancellationToken);
        await run.ShowAsync(Fields, (probe, _) =>
        {
            var policy = Policy().Match(refused!.Header("RateLimit-Policy") ?? "");
            var state = State().Match(refused.Header("RateLimit") ?? "");
            probe.That(policy.Success, $"RateLimit-Policy is {refused.Header("RateLimit-Policy") ?? "missing"}");
            probe.That(state.Success, $"RateLimit is {refused.Header("RateLimit") ?? "missing"}");
            probe.Equal("the quota", $"{run.Options.Graph.Messages.Free}", policy.Groups["q"].Value);
            probe.Equal("what is left", "0", state.Groups["r"].Value);
            var (window, reset) = (Number(policy.Groups["w"].Value), Number(state.Groups["t"].Value));
            probe.That(reset > 0 && reset <= window, $"t is {reset} in a window of {window} s");
            probe.That(int.TryParse(refused.Header("Retry-After"), out var after) && after >= reset && after <= window, $"Retry-After is {refused.Header("Retry-After") ?? "missing"}, t is {reset}");
            return Task.CompletedTask;
        }, cancellationToken);
    }

    /// <summary>A run over AG-UI's HTTP endpoint, read to its end.</summary>
    internal static Task<Answer> PostAsync(SystemUnderTest system, Member member, CancellationToken cancellationToken) => system.Web.SendAsync(
        HttpMethod.Post, new Uri(system.Backend, "/api/agui"), member.AccessToken, Json.Body(new JsonObject
        {
            ["threadId"] = Guid.NewGuid().ToString(),
            ["runId"] = Guid.NewGuid().ToString(),
            ["state"] = new JsonObject(),
            ["tools"] = new JsonArray(),
            ["context"] = new JsonArray(),
            ["forwardedProps"] = new JsonObject(),
            ["messages"] = new JsonArray(new JsonObject { ["id"] = "m-1", ["role"] = "user", ["content"] = "hello" }),
        }), cancellationToken, sent: "a question");

    /// <returns>The error code; null where the question was acknowledged.</returns>
    internal static async Task<string?> TryAskAsync(ProbeSocket socket, CancellationToken cancellationToken)
    {
        var answer = await socket.AskAsync(Asking.Start("hello", Guid.NewGuid().ToString()), cancellationToken);
        return ProbeSocket.TypeOf(answer) == "ack" ? null : answer.FindText("code") ?? "?";
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""
        "messages";q=(?<q>\d+);w=(?<w>\d+)
        """)]
    private static partial Regex Policy();

    [GeneratedRegex("""
        "messages";r=(?<r>\d+);t=(?<t>\d+)
        """)]
    private static partial Regex State();
}
