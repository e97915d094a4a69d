using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Tokens;

/// <summary>Check 4, where verify can sign tokens that are wrong in one thing, and tokens that soon run out: what has run out, is not due yet, or is somebody else's, and what an open socket does about it.</summary>
internal sealed class ExpiringTokens : CheckPart
{
    private static readonly Assertion Expired = Refused("expired", "A token that has run out", Needs.SharedSecret);
    private static readonly Assertion Early = Refused("not_yet_valid", "A token that is not valid yet", Needs.SharedSecret);
    private static readonly Assertion Issuer = Refused("issuer", "A token of another issuer, signed with the right secret", Needs.SharedSecret);
    private static readonly Assertion Audience = Refused("audience", "A token for another audience, signed with the right secret", Needs.SharedSecret);
    private static readonly Assertion Own = Refused("ran_out", "A token that was good, and has run out since", Needs.SharedSecret);
    private static readonly Assertion Warned = new("jwt.expiry.warned", "An open socket is warned with auth.expiring before its token runs out") { Needs = Needs.SharedSecret };
    private static readonly Assertion Renewed = new("jwt.expiry.renewed", "A socket that is renewed with auth.refresh lives on, and loses no event") { Needs = Needs.SharedSecret, Deadline = TimeSpan.FromSeconds(12) };
    private static readonly Assertion Closed = new("jwt.expiry.closed", "A socket that is not renewed closes with 4003 when its token runs out") { Needs = Needs.SharedSecret, Deadline = TimeSpan.FromSeconds(12) };
    private static readonly Assertion Ticket = new("jwt.ticket.expires", "A ticket that has run out is refused with 4002, while a new one connects") { Needs = Needs.ShortTickets };

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(4);

    public override StackRole Stack => StackRole.Second;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Expired, Early, Issuer, Audience, Warned, Renewed, Closed, Own, Ticket];

    private static Assertion Refused(string id, string what, Needs needs) => new($"jwt.reject.{id}", $"{what} is refused, while a good token connects in the same second", 1000)
    {
        Needs = needs,
        Deadline = TimeSpan.FromSeconds(12),
    };

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.SharedSecret) is not null && system.Lacks(Needs.ShortTickets) is not null) return; // all excluded
        var member = await system.Members.SignUpAsync("expiry", cancellationToken);
        await CheckRun.AtOnceAsync(
            () => ShowForgeriesAsync(run, member, cancellationToken),
            () => run.ShowAsync(Ticket, (probe, stop) => TicketAsync(run, member, probe, stop), cancellationToken),
            () => ShowRenewalAsync(run, cancellationToken),
            () => ShowEndAsync(run, cancellationToken));
    }

    private static async Task ShowForgeriesAsync(CheckRun run, Member member, CancellationToken cancellationToken)
    {
        var now = run.Time.GetUtcNow().ToUnixTimeSeconds();
        await ShowAsync(Expired, "expired a minute ago", ("iat", now - 120), ("nbf", now - 120), ("exp", now - 60));
        await ShowAsync(Early, "valid in five minutes", ("nbf", now + 300), ("exp", now + 600));
        await ShowAsync(Issuer, "another issuer", ("iss", "https://issuer.invalid"));
        await ShowAsync(Audience, "another audience", ("aud", "somebody-else"));

        Task ShowAsync(Assertion assertion, string what, params (string, JsonNode?)[] changes) => run.ShowAsync(assertion, (probe, stop) =>
            Refusals.ShowAsync(run.System, probe, Jwt.SignShared(run.System.Settings.SharedSecret!, Jwt.Change(member.Claims, changes)), 4002, async s => (await member.GetAsync(s))!, what, stop), cancellationToken);
    }

    private static async Task TicketAsync(CheckRun run, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var system = run.System;
        var answer = (await system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), await member.GetAsync(cancellationToken), null, cancellationToken)).Expect(200).Json;
        var lifetime = answer.Number("expiresIn");
        probe.That(lifetime <= system.Settings.TicketLifetime!.Value.TotalSeconds, $"tickets last {lifetime} s although Gateway:TicketLifetime is {system.Settings.TicketLifetime}");
        await Task.Delay(TimeSpan.FromSeconds(lifetime + 0.3), run.Time, cancellationToken); // the lifetime itself is what is waited for
        var fresh = (await system.Web.PostAsync(new Uri(system.Backend, "/api/ws-tickets"), await member.GetAsync(cancellationToken), null, cancellationToken)).Expect(200).Json.Text("ticket");
        await using var late = await ProbeSocket.OpenAsync(system.Socket, Carrier.Ticket, answer.Text("ticket"), run.Time, cancellationToken, "a ticket that has run out");
        probe.Equal("the close code", 4002, await late.RefusedAsync(cancellationToken));
        await using var control = await ProbeSocket.OpenAsync(system.Socket, Carrier.Ticket, fresh, run.Time, cancellationToken, "a new ticket");
        await control.HelloAsync(cancellationToken);
        probe.Add(control.Describe() with { IsControl = true });
    }

    /// <summary>The member's own token, as auth would make it, but for an end that can be waited for.</summary>
    private static (string Token, DateTimeOffset End) Brief(CheckRun run, Member member)
    {
        var end = DateTimeOffset.FromUnixTimeSeconds((run.Time.GetUtcNow() + (Lifetime * run.Options.Slack)).ToUnixTimeSeconds());
        return (Jwt.SignShared(run.System.Settings.SharedSecret!, Jwt.Change(member.Claims, ("exp", end.ToUnixTimeSeconds()))), end);
    }

    private static async Task ShowRenewalAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var member = await run.System.Members.SignUpAsync("renewed", cancellationToken);
        var (token, end) = Brief(run, member);
        await using var socket = await ProbeSocket.OpenAsync(run.System.Socket, Carrier.Header, token, run.Time, cancellationToken, "a token that soon runs out");
        await run.ShowAsync(Warned, async (probe, stop) =>
        {
            var warning = await socket.UntilAsync("auth.expiring", f => ProbeSocket.TypeOf(f) == "auth.expiring", stop);
            probe.That(DateTimeOffset.TryParse(warning.Text("expiresAt"), out var at) && at > run.Time.GetUtcNow(), "the warning came after the expiry");
        }, cancellationToken);
        await run.ShowAsync(Renewed, async (probe, stop) =>
        {
            var started = await Asking.AskAsync(socket, "hello", stop);
            var answer = await socket.AskAsync(new JsonObject { ["type"] = "auth.refresh", ["token"] = member.AccessToken }, stop);
            probe.Equal("the answer to auth.refresh", "ack", ProbeSocket.TypeOf(answer));
            await Asking.EndAsync(socket, started.RunId, stop);
            Asking.RequireOrder(probe, socket.EventsOf(started.ThreadId), started);
            if (end - run.Time.GetUtcNow() is { Ticks: > 0 } rest) await Task.Delay(rest + TimeSpan.FromMilliseconds(300), run.Time, stop); // past the end of the first token
            await socket.AskAsync(new JsonObject { ["type"] = "ping" }, stop);
            socket.Note();
        }, cancellationToken);
    }

    private static async Task ShowEndAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var member = await system.Members.SignUpAsync("expired", cancellationToken);
        var (token, end) = Brief(run, member);
        await run.ShowAsync(Closed, async (probe, stop) =>
        {
            await using var socket = await ProbeSocket.OpenAsync(system.Socket, Carrier.Header, token, run.Time, stop);
            await socket.HelloAsync(stop);
            probe.Equal("the close code", 4003, await socket.ClosedAsync(stop));
            // A second either way: claims are in whole seconds, and the gateway looks each second.
            probe.Measure(Math.Abs((run.Time.GetUtcNow() - end).TotalMilliseconds), 2000, "ms");
        }, cancellationToken);
        await run.ShowAsync(Own, async (probe, stop) =>
        {
            if (end - run.Time.GetUtcNow() is { Ticks: > 0 } rest) await Task.Delay(rest + TimeSpan.FromMilliseconds(100), run.Time, stop);
            await Refusals.ShowAsync(system, probe, token, 4002, _ => Task.FromResult(member.AccessToken), "the token that ran out", stop);
        }, cancellationToken);
    }
}
