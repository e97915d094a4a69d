namespace Throughline.Verify.Checks.Tokens;

/// <summary>Check 4: a good token opens a socket in each of the three ways.</summary>
internal sealed class AcceptingTokens : CheckPart
{
    private static readonly Assertion Header = new("jwt.accept.header", "A token in the Authorization header opens the socket", 2000);
    private static readonly Assertion Subprotocol = new("jwt.accept.subprotocol", "A token in the subprotocol opens the socket, and throughline.v1 is selected", 2000);
    private static readonly Assertion Ticket = new("jwt.accept.ticket", "A one-time ticket opens the socket", 2000);
    private static readonly Assertion Once = new("jwt.ticket.once", "A ticket works once", 2000);
    private static readonly Assertion Identity = new("jwt.identity.client", "Who somebody is comes from the token, not from a header, a query or a field of theirs", 2000);

    public override IReadOnlyList<Assertion> Assertions { get; } = [Header, Subprotocol, Ticket, Once, Identity];

    public override Task RunAloneAsync(CheckRun run, CancellationToken cancellationToken) => RunAsync(run, cancellationToken);

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var member = await system.Members.SignUpAsync("tokens", cancellationToken);
        await run.ShowAsync(Header, (probe, stop) => OpenAsync(run, member, probe, Carrier.Header, member.AccessToken, stop), cancellationToken);
        await run.ShowAsync(Subprotocol, (probe, stop) => OpenAsync(run, member, probe, Carrier.Subprotocol, member.AccessToken, stop), cancellationToken);
        string? ticket = null;
        var isTicketTaken = await run.ShowAsync(Ticket, async (probe, stop) =>
        {
            var answer = (await member.SendAsync(HttpMethod.Post, "/api/ws-tickets", null, stop)).Expect(200).Json;
            ticket = answer.Text("ticket");
            await OpenAsync(run, member, probe, Carrier.Ticket, ticket, stop);
        }, cancellationToken);
        if (isTicketTaken) await run.ShowAsync(Once, (probe, stop) => UseAgainAsync(run, member, probe, ticket!, stop), cancellationToken);
        await run.ShowAsync(Identity, async (probe, stop) =>
        {
            var other = Guid.CreateVersion7();
            await using var socket = await ProbeSocket.OpenAsync(
                new UriBuilder(system.Socket) { Query = $"userId={other}&user_id={other}&sub={other}" }.Uri, Carrier.Header, member.AccessToken, run.Time, stop, "another user's id in header and query",
                options => options.SetRequestHeader("X-User-Id", $"{other}"));
            probe.Equal("the greeted user", member.UserId, (await socket.HelloAsync(stop)).Id("userId"));
            socket.Note();
        }, cancellationToken);
    }

    private static async Task OpenAsync(CheckRun run, Member member, Probe probe, Carrier carrier, string credential, CancellationToken cancellationToken)
    {
        await using var socket = await ProbeSocket.OpenAsync(run.System.RecordedSocket, carrier, credential, run.Time, cancellationToken);
        if (socket.HttpStatus is { } status) throw new Refutation($"the upgrade was refused with HTTP {status}");
        var hello = await socket.HelloAsync(cancellationToken);
        socket.Note();
        probe.Equal("the greeted user", member.UserId, hello.Id("userId"));
        probe.Equal("the subprotocol", "throughline.v1", socket.Protocol);
    }

    private static async Task UseAgainAsync(CheckRun run, Member member, Probe probe, string ticket, CancellationToken cancellationToken)
    {
        var system = run.System;
        await using var socket = await ProbeSocket.OpenAsync(system.Socket, Carrier.Ticket, ticket, run.Time, cancellationToken, "a ticket that was used");
        probe.Equal("the close code", 4002, await socket.RefusedAsync(cancellationToken));
        var fresh = (await member.SendAsync(HttpMethod.Post, "/api/ws-tickets", null, cancellationToken)).Expect(200).Json.Text("ticket");
        await using var control = await ProbeSocket.OpenAsync(system.Socket, Carrier.Ticket, fresh, run.Time, cancellationToken, "a new ticket");
        await control.HelloAsync(cancellationToken);
        probe.Add(control.Describe() with { IsControl = true });
    }
}
