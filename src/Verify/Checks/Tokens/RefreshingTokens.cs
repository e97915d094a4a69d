using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Tokens;

/// <summary>Check 4: refresh tokens rotate, and one that is used again ends the whole family.</summary>
internal sealed class RefreshingTokens : CheckPart
{
    public const string NothingOpened = "no socket opened before";

    /// <summary>The assertion that a socket stays whose it is.</summary>
    public const string ForeignId = "jwt.refresh.foreign";

    private static readonly string[] Kept = ["iss", "aud", "sub", "sid", "client_id", "scope", "email", "name", "tier", "role"];
    private static readonly Assertion Rotates = new("jwt.refresh.rotates", "The refresh endpoint gives a new access token and a new refresh token", 500);
    private static readonly Assertion Claims = new("jwt.refresh.claims", "The claims survive a refresh");
    private static readonly Assertion Foreign = new(ForeignId, "A socket that is handed the token of another session closes with 4002, while one that is handed its own goes on") { Deadline = TimeSpan.FromSeconds(3) };
    private static readonly Assertion Old = new("jwt.refresh.old", "A refresh token whose successor was used is refused with invalid_grant, while the newest one was taken");
    private static readonly Assertion Family = new("jwt.refresh.family", "That ends the session: its newest refresh token and its access token are refused");
    private static readonly Assertion Sockets = new("jwt.refresh.sockets", "That closes the session's sockets with 4004 within a second, and no other session's", 1000);

    public override IReadOnlyList<Assertion> Assertions { get; } = [Rotates, Claims, Foreign, Old, Sockets, Family];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var member = await system.Members.SignUpAsync("refresh", cancellationToken);
        var other = await system.Members.SignInAsync(member.Email, member.Password, member.UserId, cancellationToken);
        var (firstAccess, first) = (member.AccessToken, member.RefreshToken);
        await run.MustAsync(Rotates, async (probe, stop) =>
        {
            await member.RenewAsync(stop);
            probe.That(member.RefreshToken != first, "the refresh token stayed the same");
            probe.That(member.AccessToken != firstAccess, "the access token stayed the same");
            // At auth, which made it: that the backend takes tokens, too, is shown elsewhere.
            (await member.GetAsync("/auth/me", stop)).Expect(200);
        }, cancellationToken);
        await run.ShowAsync(Claims, (probe, _) =>
        {
            var before = Jwt.ClaimsOf(firstAccess);
            foreach (var claim in Kept) probe.Equal($"the claim {claim}", before.FindText(claim), member.Claims.FindText(claim));
            return Task.CompletedTask;
        }, cancellationToken);
        var (socket, bystander, unopened) = await TryConnectAsync(member, other, cancellationToken);
        await using var closing = socket;
        await using var closingOther = bystander;
        await run.ShowAsync(Foreign, async (probe, stop) =>
        {
            if (bystander is null) throw new Refutation($"{NothingOpened}: {unopened}");
            await using var handed = await member.ConnectAsync(stop);
            await handed.SendAsync(Handing(other), stop);
            probe.Equal("the close code", 4002, await handed.ClosedAsync(stop));
            probe.Equal("the answer to its own token", "ack", ProbeSocket.TypeOf(await bystander.AskAsync(Handing(other), stop)));
            probe.Add(bystander.Describe() with { IsControl = true });
        }, cancellationToken);
        var reused = run.Time.GetTimestamp();
        await run.MustAsync(Old, async (probe, stop) =>
        {
            await probe.ControlAsync(async () =>
            {
                await member.RenewAsync(stop); // the successor is used
                return true;
            });
            reused = run.Time.GetTimestamp();
            (await member.RefreshAsync(first, stop)).Expect(400, "invalid_grant");
        }, cancellationToken);
        await run.ShowAsync(Sockets, async (probe, stop) =>
        {
            if (socket is null || bystander is null) throw new Refutation($"{NothingOpened}: {unopened}");
            probe.Equal("the close code", 4004, await socket.ClosedAsync(stop));
            probe.Measure(run.Time.GetElapsedTime(reused).TotalMilliseconds, Sockets.LimitMs!.Value, "ms");
            await bystander.AskAsync(new() { ["type"] = "ping" }, stop);
            probe.Add(bystander.Describe() with { IsControl = true });
        }, cancellationToken);
        await run.ShowAsync(Family, async (probe, stop) =>
        {
            (await member.RefreshAsync(member.RefreshToken, stop)).Expect(400, "invalid_grant");
            (await member.GetAsync("/api/threads", stop)).Expect(401);
            await probe.ControlAsync(async () => (await other.GetAsync("/api/threads", stop)).Expect(200));
        }, cancellationToken);
    }

    private static JsonObject Handing(Member member) => new() { ["type"] = "auth.refresh", ["id"] = Guid.CreateVersion7().ToString(), ["token"] = member.AccessToken };

    /// <summary>What is auth's alone can be shown without sockets, too.</summary>
    private static async Task<(ProbeSocket? Socket, ProbeSocket? Bystander, string? Unopened)> TryConnectAsync(Member member, Member other, CancellationToken cancellationToken)
    {
        try
        {
            return (await member.ConnectAsync(cancellationToken), await other.ConnectAsync(cancellationToken), null);
        }
        catch (Exception e) when (e is Refutation or System.Net.WebSockets.WebSocketException or TimeoutException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, null, e.Message);
        }
    }
}
