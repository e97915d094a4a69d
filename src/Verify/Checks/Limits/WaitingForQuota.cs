namespace Throughline.Verify.Checks.Limits;

/// <summary>Check 9, where the window is short: the wait that is told is true, to both sides. And guessing passwords is slowed.</summary>
internal sealed class WaitingForQuota : CheckPart
{
    private static readonly Assertion Early = new("limits.messages.wait_less", "Waiting less than Retry-After says does not let the next message through") { Needs = Needs.ShortWindow, Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Late = new("limits.messages.wait", "Waiting as long as Retry-After says lets it through") { Needs = Needs.ShortWindow, Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Account = new("limits.login.account", "After five wrong passwords for an account the next attempt gets 429, while another account signs in") { Deadline = TimeSpan.FromSeconds(20) };

    private static readonly Assertion Address = new("limits.login.address", "After too many wrong passwords from an address, whatever the accounts, the next gets 429, while another address signs in") { Needs = Needs.OwnStack, Deadline = TimeSpan.FromSeconds(20) };

    public override StackRole Stack => StackRole.Second;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Early, Late, Account, Address];

    public override Task RunAsync(CheckRun run, CancellationToken cancellationToken) => CheckRun.AtOnceAsync(
        () => ShowWaitAsync(run, cancellationToken),
        () => run.ShowAsync(Account, (probe, stop) => AccountAsync(run.System, probe, stop), cancellationToken),
        () => run.ShowAsync(Address, (probe, stop) => AddressAsync(run, probe, stop), cancellationToken));

    private static async Task ShowWaitAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (system.Lacks(Needs.ShortWindow) is not null) return; // excluded
        var member = await system.Members.SignUpAsync("waiting", cancellationToken);
        await using var socket = await member.ConnectAsync(cancellationToken);
        var waits = TimeSpan.Zero;
        await run.ShowAsync(Early, async (probe, stop) =>
        {
            string? early;
            // On a slow machine the question may be asked later than it was meant to: then it shows nothing, and a new window does.
            for (var attempt = 0; ; attempt++)
            {
                var quota = run.Options.Graph.Messages.Free;
                var first = await Task.WhenAll(Enumerable.Range(0, quota).Select(_ => LimitingMessages.TryAskAsync(socket, stop)));
                probe.Equal("the messages that were let through", quota, first.Count(a => a is null));
                var answer = await socket.AskAsync(Asking.Start("hello"), stop);
                var refused = run.Time.GetTimestamp();
                probe.Equal("the answer to the next", "rate_limited", answer.FindText("code"));
                var wait = TimeSpan.FromMilliseconds(answer.Number("retryAfterMs"));
                probe.That(wait > TimeSpan.Zero && wait <= system.Settings.LimitWindow, $"retryAfterMs is {wait.TotalMilliseconds} in a window of {system.Settings.LimitWindow}");
                // A fifth of it is left: less than the answer asked for.
                await Task.Delay(wait * 0.8, run.Time, stop);
                early = await LimitingMessages.TryAskAsync(socket, stop);
                waits = wait - run.Time.GetElapsedTime(refused);
                if (waits > TimeSpan.Zero) break;
                if (attempt == 2) throw new NotJudged("this machine is too slow to ask in time");
                await Task.Delay(system.Settings.LimitWindow!.Value, run.Time, stop);
            }

            probe.Equal("the answer after less than the wait", "rate_limited", early ?? "ack");
        }, cancellationToken);
        await run.ShowAsync(Late, async (probe, stop) =>
        {
            if (waits > TimeSpan.Zero) await Task.Delay(waits + TimeSpan.FromMilliseconds(20), run.Time, stop);
            probe.Equal("the answer after the wait", "ack", await LimitingMessages.TryAskAsync(socket, stop) ?? "ack");
        }, cancellationToken);
    }

    private static async Task AccountAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var (member, other) = (await system.Members.SignUpOnlyAsync("guessed", cancellationToken), await system.Members.SignUpOnlyAsync("beside", cancellationToken));
        for (var i = 0; i < 5; i++) (await SignIn.LogInAsync(system, member.Email, $"wrong-guess-{i}-of-five", cancellationToken)).Expect(401, "invalid_credentials");
        // The first wait is a second, the next ones are longer: on a slow machine a guess may come after the first.
        var refused = await SignIn.LogInAsync(system, member.Email, "wrong-guess-the-sixth", cancellationToken);
        for (var i = 7; refused.Status == 401 && i < 11; i++) refused = await SignIn.LogInAsync(system, member.Email, $"wrong-guess-number-{i}", cancellationToken);
        refused.Expect(429);
        probe.That(int.TryParse(refused.Header("Retry-After"), out var wait) && wait > 0, $"Retry-After is {refused.Header("Retry-After") ?? "missing"}");
        await probe.ControlAsync(async () => (await SignIn.LogInAsync(system, other.Email, other.Password, cancellationToken)).Expect(204));
    }

    private static async Task AddressAsync(CheckRun run, Probe probe, CancellationToken cancellationToken)
    {
        var system = run.System;
        if (!OperatingSystem.IsLinux()) throw new NotJudged("this machine has one loopback address");
        var member = await system.Members.SignUpOnlyAsync("next-door", cancellationToken);
        using var web = new Web(run.Time, _ => "auth", Web.Elsewhere);
        for (var i = 0; i < system.Settings.FailedLoginsPerAddress; i++)
            (await SignIn.LogInAsync(system, Members.NewEmail("nobody"), "a-password-of-nobody", cancellationToken, web)).Expect(401, "invalid_credentials");
        // The first wait is a second, the next ones are longer: on a slow machine a guess may come after the first.
        var refused = await SignIn.LogInAsync(system, Members.NewEmail("nobody"), "a-password-of-nobody", cancellationToken, web);
        for (var i = 0; refused.Status == 401 && i < 4; i++) refused = await SignIn.LogInAsync(system, Members.NewEmail("nobody"), "a-password-of-nobody", cancellationToken, web);
        refused.Expect(429);
        probe.That(int.TryParse(refused.Header("Retry-After"), out var wait) && wait > 0, $"Retry-After is {refused.Header("Retry-After") ?? "missing"}");
        await probe.ControlAsync(async () => (await SignIn.LogInAsync(system, member.Email, member.Password, cancellationToken)).Expect(204));
    }
}
