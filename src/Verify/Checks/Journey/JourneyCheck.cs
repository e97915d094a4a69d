using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Journey;

/// <summary>Check 2: what a new user does, from sign-up to an answer, and signing out.</summary>
internal sealed class JourneyCheck : CheckPart
{
    /// <summary>The assertion that asks the same through the public origin and at the services themselves.</summary>
    public const string PagePassesId = "journey.page.passes";

    /// <summary>What is compared of a new account, which nobody has raised.</summary>
    public const string NewTier = "the tier of a new account";

    /// <inheritdoc cref="NewTier"/>
    public const string NewRole = "the role of a new account";

    /// <summary>The assertion that sends what a page of another site could.</summary>
    public const string PageKeepsOthersOutId = "journey.login.foreign";

    private static readonly Assertion Created = new("journey.signup.created", "Signing up makes a user", 5000);
    private static readonly Assertion Plain = new("journey.signup.plain", "A new account is an ordinary user of the lowest tier, to auth and in its token");
    private static readonly Assertion Duplicate = new("journey.signup.duplicate", "A second sign-up with that e-mail is refused with 409 email_taken");
    private static readonly Assertion Weak = new("journey.signup.weak", "A weak password is refused with 400 and the field's name");
    private static readonly Assertion Mailed = new("journey.signup.mail", "The mail to a new user is kept or handed on, as auth says of its mail") { Needs = Needs.Services };
    private static readonly Assertion Page = new("journey.page.served", "The public origin serves the page, and whole each part that it loads");
    private static readonly Assertion PageSignsIn = new("journey.login.page", "The page's own sign-in gives a token and a cookie that no script sees, which renews it until signing out");
    private static readonly Assertion PagePasses = new(PagePassesId, "With that token the page's calls and its socket come through the public origin as they come to the services themselves");
    private static readonly Assertion PageKeepsOthersOut = new(PageKeepsOthersOutId, "What a page of another site can make a browser send to the page's sign-in is refused");
    private static readonly Assertion PageTells = new("journey.login.address", "Who signs in through the public origin is noted with an address of its own, not with the frontend's") { Needs = Needs.OwnStack };
    private static readonly Assertion LoggedIn = new("journey.login.accepted", "The right password signs in and brings tokens", 3000);
    private static readonly Assertion Alike = new("journey.login.alike", "A wrong password and an unknown e-mail get the same 401");
    private static readonly Assertion Verifies = new("journey.token.verifies", "The access token's signature, issuer, audience, expiry and subject verify against what auth publishes");
    private static readonly Assertion Synced = new("journey.profile.synced", "The profile arrives in the backend, with the same id", 2000);
    private static readonly Assertion Accepts = new("journey.backend.accepts", "A protected endpoint of the backend takes the token, and none without one");
    private static readonly Assertion Greeted = new("journey.socket.hello", "The socket opens and greets with the right user id", 5000);
    private static readonly Assertion Pong = new("journey.socket.pong", "A ping gets its pong", 1000);
    private static readonly Assertion Uploaded = new("journey.ask.uploaded", "A usage file is taken and read whole", 5000);
    private static readonly Assertion Acknowledged = new("journey.ask.acknowledged", "A question is acknowledged with run and thread id", 2000);
    private static readonly Assertion Ordered = new("journey.answer.ordered", "The run's events come in order, without a gap, to its end", 15_000);
    private static readonly Assertion Exact = new("journey.answer.exact", "The answer's figures equal an independent calculation over the same file");
    private static readonly Assertion Readable = new("journey.answer.readable", "Afterwards the thread's log has each event, and reads as one user message and one assistant message");
    private static readonly Assertion LoggedOutHttp = new("journey.logout.http", "After signing out the same token gets 401", 1000);
    private static readonly Assertion LoggedOutSocket = new("journey.logout.socket", "Signing out closes the open socket with 4004 within a second", 1000);
    private static readonly Assertion Total = new("journey.answer.total", "The whole journey takes less than 20 seconds", 20_000);

    public override IReadOnlyList<Assertion> Assertions { get; } =
    [
        Created, Plain, Duplicate, Weak, Mailed, LoggedIn, Page, PageSignsIn, PagePasses, PageKeepsOthersOut, PageTells, Alike, Verifies, Synced, Accepts, Greeted, Pong, Uploaded, Acknowledged, Ordered, Exact, Readable, LoggedOutHttp, LoggedOutSocket, Total,
    ];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var (system, began) = (run.System, run.Time.GetTimestamp());
        var member = await run.MustAsync(Created, (probe, stop) => system.Members.SignUpOnlyAsync("journey", stop), cancellationToken);
        await run.MustAsync(LoggedIn, (probe, stop) => member.SignInAsync(stop), cancellationToken);
        await CheckRun.AtOnceAsync(
            () => AskAsync(run, member, began, cancellationToken),
            () => run.ShowAsync(Verifies, (probe, stop) => TokenFacts.VerifyAsync(system, member, probe, stop), cancellationToken),
            () => run.ShowAsync(Synced, (probe, stop) => SyncedAsync(system, member, probe, stop), cancellationToken),
            () => run.ShowAsync(Plain, (probe, stop) => PlainAsync(member, probe, stop), cancellationToken),
            () => run.ShowAsync(Page, (probe, stop) => PublicPage.ServedAsync(system, probe, stop), cancellationToken),
            () => ShowPageAsync(run, member, cancellationToken),
            () => run.ShowAsync(Mailed, (probe, stop) => MailedAsync(system, probe, stop), cancellationToken),
            () => ShowRefusalsAsync(run, member, cancellationToken));
    }

    private static async Task ShowPageAsync(CheckRun run, Member member, CancellationToken cancellationToken)
    {
        if (!await run.ShowAsync(PageSignsIn, (probe, stop) => PublicPage.SignsInAsync(run.System, member, probe, stop), cancellationToken)) return;
        await CheckRun.AtOnceAsync(
            () => run.ShowAsync(PagePasses, (probe, stop) => PublicPage.PassesOnAsync(run.System, member, probe, stop), cancellationToken),
            () => run.ShowAsync(PageTells, (probe, stop) => PublicPage.TellsWhoCallsAsync(run.System, member, probe, stop), cancellationToken),
            () => run.ShowAsync(PageKeepsOthersOut, (probe, stop) => PublicPage.KeepsOthersOutAsync(run.System, member, probe, stop), cancellationToken));
    }

    private static async Task ShowRefusalsAsync(CheckRun run, Member member, CancellationToken cancellationToken)
    {
        var members = run.System.Members;
        await run.ShowAsync(Duplicate, async (probe, stop) => (await members.PostSignUpAsync(member.Email, Members.NewPassword(), stop)).Expect(409, "email_taken"), cancellationToken);
        await run.ShowAsync(Weak, async (probe, stop) =>
        {
            var answer = (await members.PostSignUpAsync(Members.NewEmail("weak"), "password1234", stop)).Expect(400, "weak_password");
            probe.That(answer.Json.Find("errors")?.Find("password") is not null, "the refusal does not name the field password");
        }, cancellationToken);
        await run.ShowAsync(Alike, async (probe, stop) =>
        {
            var wrong = (await SignIn.LogInAsync(run.System, member.Email, Members.NewPassword(), stop)).Expect(401, "invalid_credentials");
            var unknown = (await SignIn.LogInAsync(run.System, Members.NewEmail("nobody"), Members.NewPassword(), stop)).Expect(401, "invalid_credentials");
            probe.Equal("the answer to an unknown e-mail", WithoutTrace(wrong.Json), WithoutTrace(unknown.Json));
            await probe.ControlAsync(async () => (await SignIn.LogInAsync(run.System, member.Email, member.Password, stop)).Expect(204));
        }, cancellationToken);
    }

    private static async Task PlainAsync(Member member, Probe probe, CancellationToken cancellationToken)
    {
        var account = (await member.GetAsync("/auth/me", cancellationToken)).Expect(200).Json;
        foreach (var said in (JsonElement[])[account, member.Claims])
        {
            // A claim that is missing is no gift, and is missed elsewhere.
            probe.Equal(NewTier, "free", said.FindText("tier") ?? "free");
            probe.Equal(NewRole, "user", said.FindText("role") ?? "user");
        }
    }

    private static async Task MailedAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var mail = (await system.LookAtHealthAsync("auth", cancellationToken)).Member("checks").Member("mail");
        probe.That(mail.FindText("status") == "healthy", $"auth says of its mail: {mail.FindText("error") ?? mail.FindText("status")}");
    }

    private static async Task SyncedAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var me = (await member.GetAsync("/api/me", cancellationToken)).Expect(200).Json;
        probe.Equal("the profile's id in the backend", member.UserId, me.Id("userId"));
        probe.Equal("the profile's e-mail in the backend", member.Email, me.Text("email"));
        if (system.Lacks(Needs.State) is not null) return;
        var replica = await system.Web.GetAsync(new Uri(system.Backend, $"/internal/users/{member.UserId}"), await system.ServiceTokenAsync("backend", cancellationToken), cancellationToken);
        probe.Equal("the status in the backend's store", "active", replica.Expect(200).Json.Text("status"));
    }

    private static async Task AskAsync(CheckRun run, Member member, long began, CancellationToken cancellationToken)
    {
        var system = run.System;
        var usage = UsageSample.Make(rows: 200, seed: 11);
        await run.ShowAsync(Accepts, async (probe, stop) =>
        {
            (await member.GetAsync("/api/threads", stop)).Expect(200);
            (await system.Web.GetAsync(new Uri(system.Backend, "/api/threads"), null, stop)).Expect(401);
        }, cancellationToken);
        await using var socket = await run.MustAsync(Greeted, async (probe, stop) =>
        {
            var opened = await ProbeSocket.OpenAsync(system.RecordedSocket, Carrier.Header, member.AccessToken, run.Time, stop);
            opened.Owner = member;
            var hello = await opened.HelloAsync(stop);
            opened.Note();
            probe.Equal("the greeted user", member.UserId, hello.Id("userId"));
            if (system.RecordOf("backend") is { } record) probe.Equal("the greeting instance", record.Instance, hello.Id("instance"));
            return opened;
        }, cancellationToken);
        await run.ShowAsync(Pong, async (probe, stop) =>
        {
            var pong = await socket.AskAsync(new JsonObject { ["type"] = "ping", ["t"] = 42 }, stop);
            probe.Equal("the echoed t", 42, pong.Number("t"));
        }, cancellationToken);
        var file = await run.MustAsync(Uploaded, async (probe, stop) =>
        {
            var uploaded = await Usage.UploadAsync(system, member, usage, stop);
            probe.Equal("the rows read", usage.Rows.Count, (int)uploaded.Number("rows"));
            probe.Equal("the rows refused", 0, (int)uploaded.Member("refused").Number("count"));
            return uploaded.Id("id");
        }, cancellationToken);
        var started = await run.MustAsync(Acknowledged, async (probe, stop) =>
        {
            var asked = await Asking.AskAsync(socket, "What did we spend in total, by model?", stop, fileIds: [file]);
            probe.That(asked.RunId.Length > 0, "the acknowledgement names no run");
            return asked;
        }, cancellationToken);
        var events = await run.MustAsync(Ordered, async (probe, stop) =>
        {
            await Asking.EndAsync(socket, started.RunId, stop);
            var all = socket.EventsOf(started.ThreadId);
            Asking.RequireOrder(probe, all, started);
            return all;
        }, cancellationToken);
        await run.ShowAsync(Exact, (probe, stop) =>
        {
            var result = RunEvents.ResultOf(events);
            probe.Equal("the run's status", "completed", result.Text("status"));
            usage.RequireFigures(probe, result);
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Readable, async (probe, stop) =>
        {
            await WrittenLog.RequireWholeAsync(member, started.ThreadId, stop);
            var messages = (await member.GetAsync($"/api/threads/{started.ThreadId}/messages", stop)).Expect(200).Json;
            var roles = messages.Items().Select(m => m.Text("role")).Where(r => r is "user" or "assistant").ToList();
            probe.Equal("the messages of the thread", "user, assistant", string.Join(", ", roles.Take(1).Concat(roles.Skip(1).Distinct())));
        }, cancellationToken);
        await run.ShowAsync(Total, (probe, _) =>
        {
            probe.Measure(run.Time.GetElapsedTime(began).TotalMilliseconds, Total.LimitMs!.Value, "ms");
            return Task.CompletedTask;
        }, cancellationToken);
        await LogOutAsync(run, member, socket, cancellationToken);
    }

    private static async Task LogOutAsync(CheckRun run, Member member, ProbeSocket socket, CancellationToken cancellationToken)
    {
        long? loggedOut = null;
        var isClosed = await run.ShowAsync(LoggedOutSocket, async (probe, stop) =>
        {
            await probe.ControlAsync(async () => (await member.GetAsync("/api/threads", stop)).Expect(200));
            (await member.SendAsync(HttpMethod.Post, "/auth/logout", null, stop)).Expect(204);
            loggedOut = run.Time.GetTimestamp();
            probe.Equal("the close code", 4004, await socket.ClosedAsync(stop));
            probe.Measure(run.Time.GetElapsedTime(loggedOut.Value).TotalMilliseconds, 1000, "ms");
        }, cancellationToken);
        if (loggedOut is not { } since) return; // who was not signed out is not refused
        await run.ShowAsync(LoggedOutHttp, async (probe, stop) =>
        {
            (await member.GetAsync("/api/threads", stop)).Expect(401);
            (await member.GetAsync("/auth/me", stop)).Expect(401);
            // Else a close was waited for meanwhile.
            if (isClosed) probe.Measure(run.Time.GetElapsedTime(since).TotalMilliseconds, 1000, "ms");
        }, cancellationToken);
    }

    private static string WithoutTrace(System.Text.Json.JsonElement problem) =>
        string.Join("; ", problem.EnumerateObject().Where(m => m.Name != "traceId").OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"{m.Name}: {m.Value}"));
}
