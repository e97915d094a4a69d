using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Isolation;

/// <summary>Check 8: what is one user's is nobody else's, by whatever door; and two tabs of one user see the same.</summary>
internal sealed class SeparatingUsers : CheckPart
{
    /// <summary>How a refutation begins that saw what is another user's.</summary>
    public const string Leak = "another's is shown: ";

    public const string AnswerToStranger = "the answer to the stranger";

    private const int Users = 10;
    private static readonly (string Id, Func<World, string> Path)[] Resources =
    [
        ("thread", w => $"/api/threads/{w.ThreadId}"), ("messages", w => $"/api/threads/{w.ThreadId}/messages"), ("events", w => $"/api/threads/{w.ThreadId}/events?after=0"),
        ("runs", w => $"/api/threads/{w.ThreadId}/runs"), ("run", w => $"/api/runs/{w.RunId}"), ("file", w => $"/api/files/{w.FileId}"), ("fact", w => $"/api/facts/{w.FactId}"),
        ("export", w => $"/api/threads/{w.ThreadId}/export?format=md"), ("document", w => $"/api/documents/{w.DocumentId}"),
    ];

    private static readonly Assertion Control = new("isolation.control", "The owner reads back its own marker from thread, file, search, fact and export") { Deadline = TimeSpan.FromSeconds(10) };
    private static readonly Assertion Create = new("isolation.create.time", "A thread is made within 2 seconds", 2000);
    private static readonly Assertion Verify = new("isolation.verify.time", "Each refusal comes within 500 ms", 500);
    private static readonly Assertion[] Hidden = [.. Resources.Select(r => new Assertion($"isolation.rest.{r.Id}", $"Another user's guess of a {r.Id} gets 404, while the owner gets it", 1000))];
    private static readonly Assertion Change = new("isolation.rest.change", "Another user can neither rename nor delete the thread, the file, the run or the document", 1000);
    private static readonly Assertion Account = new("isolation.rest.account", "Another user can neither see nor end the owner's devices and API keys", 1000);
    private static readonly Assertion Subscribe = new("isolation.socket.subscribe", "Subscribing to another user's thread gets not_found", 1000);
    private static readonly Assertion Cancel = new("isolation.socket.cancel", "Cancelling another user's run gets not_found", 1000);
    private static readonly Assertion Resume = new("isolation.socket.resume", "Resuming another user's thread gets not_found", 1000);
    private static readonly Assertion Start = new("isolation.socket.start", "Asking in another user's thread id makes an own, new thread", 5000);
    private static readonly Assertion Identity = new("isolation.identity.client", "A user id in a request is ignored", 1000);
    private static readonly Assertion Markers = new("isolation.markers", "The owner's marker is in no list, search, event or error of another user", 2000);
    private static readonly Assertion Tabs = new("isolation.tabs.same", "Two tabs of one user get the same events in the same order", 10_000);
    private static readonly Assertion Other = new("isolation.tabs.other", "Closing one tab leaves the other", 10_000);
    private static readonly Assertion Many = new("isolation.many", "Ten users ask at the same time; no one gets a word of another's") { Deadline = TimeSpan.FromSeconds(20) };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Control, Create, .. Hidden, Change, Account, Subscribe, Cancel, Resume, Start, Identity, Markers, Verify, Tabs, Other, Many];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        var marker = $"marker-{Guid.NewGuid():N}"[..20];
        await using var owner = await Asker.NewAsync(system, marker, 61, cancellationToken, rows: 60);
        await using var other = await Asker.NewAsync(system, "stranger", 62, cancellationToken, rows: 60);
        var world = await run.MustAsync(Control, (probe, stop) => World.MakeAsync(owner, marker, probe, stop), cancellationToken);
        var times = new List<double>();
        await run.ShowAsync(Create, async (probe, stop) => (await owner.Member.SendAsync(HttpMethod.Post, "/api/threads", new JsonObject { ["title"] = marker }, stop)).Expect(201), cancellationToken);
        for (var i = 0; i < Resources.Length; i++)
        {
            var path = Resources[i].Path(world);
            await run.ShowAsync(Hidden[i], async (probe, stop) =>
            {
                var own = probe.ControlAsync(async () => (await owner.Member.GetAsync(path, stop)).Expect(200));
                await own;
                var answer = (await other.Member.GetAsync(path, stop)).Expect(404, "not_found");
                times.Add(answer.Exchange.ElapsedMs);
                probe.That(!answer.Text.Contains(marker, StringComparison.Ordinal), Leak + "the refusal holds the owner's marker");
            }, cancellationToken);
        }

        await ShowChangesAsync(run, world, owner, other, marker, cancellationToken);
        await run.ShowAsync(Verify, (probe, _) =>
        {
            probe.MeasureP95(times);
            return Task.CompletedTask;
        }, cancellationToken);
        await ShowTabsAsync(run, owner, cancellationToken);
        await run.ShowAsync(Many, (probe, stop) => ManyAsync(system, probe, stop), cancellationToken);
    }

    private static async Task ShowChangesAsync(CheckRun run, World world, Asker owner, Asker other, string marker, CancellationToken cancellationToken)
    {
        await run.ShowAsync(Change, async (probe, stop) =>
        {
            (await other.Member.SendAsync(HttpMethod.Patch, $"/api/threads/{world.ThreadId}", new JsonObject { ["title"] = "mine" }, stop)).Expect(404, "not_found");
            (await other.Member.SendAsync(HttpMethod.Delete, $"/api/threads/{world.ThreadId}", null, stop)).Expect(404, "not_found");
            (await other.Member.SendAsync(HttpMethod.Delete, $"/api/files/{world.FileId}", null, stop)).Expect(404, "not_found");
            (await other.Member.SendAsync(HttpMethod.Delete, $"/api/documents/{world.DocumentId}", null, stop)).Expect(404, "not_found");
            (await other.Member.SendAsync(HttpMethod.Post, $"/api/runs/{world.RunId}/cancel", null, stop)).Expect(404, "not_found");
            await probe.ControlAsync(async () => (await owner.Member.SendAsync(HttpMethod.Patch, $"/api/threads/{world.ThreadId}", new JsonObject { ["title"] = $"{marker} renamed" }, stop)).Expect(200));
        }, cancellationToken);
        await run.ShowAsync(Account, (probe, stop) => AccountAsync(run.System, owner.Member, other.Member, marker, probe, stop), cancellationToken);
        await ShowFrameAsync(Subscribe, new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = world.ThreadId, ["after"] = 0 }, new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = world.ThreadId }, "subscribed");
        await ShowFrameAsync(Cancel, new JsonObject { ["type"] = "run.cancel", ["runId"] = world.RunId }, new JsonObject { ["type"] = "run.cancel", ["runId"] = world.RunId }, "run_not_active");
        await ShowFrameAsync(Resume, ResumeOf(world), ResumeOf(world), "interrupt_not_pending");
        await run.ShowAsync(Start, async (probe, stop) =>
        {
            var started = await other.AskAsync("hello", stop, world.ThreadId);
            await Asking.EndAsync(other.Socket, started.RunId, stop);
            probe.Equal("the head of the new thread before the run", 0L, started.Seq);
            probe.That(!other.Socket.EventsOf(world.ThreadId).Any(e => e.ToString().Contains(marker, StringComparison.Ordinal)), Leak + "the stranger got the owner's events");
            var mine = (await owner.Member.GetAsync($"/api/threads/{world.ThreadId}/runs", stop)).Expect(200).Json.Items().Select(r => r.Text("id")).ToList();
            probe.That(!mine.Contains(started.RunId), Leak + "the stranger's run is in the owner's thread");
        }, cancellationToken);
        await run.ShowAsync(Identity, async (probe, stop) =>
        {
            var system = run.System;
            var answer = await system.Web.SendAsync(
                HttpMethod.Get, new Uri(system.Backend, $"/api/me?userId={owner.Member.UserId}"), other.Member.AccessToken, null, stop,
                request => request.Headers.Add("X-User-Id", $"{owner.Member.UserId}"), "the owner's id in header and query");
            probe.Equal("the user that the backend sees", other.Member.UserId, answer.Expect(200).Json.Id("userId"));
        }, cancellationToken);
        await run.ShowAsync(Markers, async (probe, stop) =>
        {
            // The stranger's own thread with that id holds nothing of the owner's.
            foreach (var path in (string[])["/api/threads", $"/api/threads?query={marker}", "/api/files", $"/api/threads/{world.ThreadId}/messages", $"/api/threads/{Guid.NewGuid()}", "/api/limits", "/api/budgets", "/api/alerts", "/api/documents"])
                probe.That(!(await other.Member.GetAsync(path, stop)).Text.Contains(marker, StringComparison.Ordinal), $"{Leak}{path.Split('?')[0]} shows the stranger the owner's marker");
            probe.That(!other.Socket.Frames.Any(f => f.ToString().Contains(marker, StringComparison.Ordinal)), Leak + "a frame of the stranger holds the owner's marker");
            var found = await probe.ControlAsync(async () => (await owner.Member.GetAsync($"/api/threads?query={marker}", stop)).Expect(200));
            probe.That(found.Text.Contains(marker, StringComparison.Ordinal), "the owner's search does not find it either");
        }, cancellationToken);

        Task ShowFrameAsync(Assertion assertion, JsonObject frame, JsonObject control, string controlAnswer) => run.ShowAsync(assertion, async (probe, stop) =>
        {
            var refused = await other.Socket.AskAsync(frame, stop);
            probe.Equal(AnswerToStranger, "not_found", refused.FindText("code") ?? ProbeSocket.TypeOf(refused));
            var owned = await owner.Socket.AskAsync(control, stop);
            probe.Equal("the answer to the owner", controlAnswer, owned.FindText("code") ?? ProbeSocket.TypeOf(owned));
        }, cancellationToken);
    }

    private static async Task AccountAsync(SystemUnderTest system, Member owner, Member other, string marker, Probe probe, CancellationToken cancellationToken)
    {
        var key = (await owner.SendAsync(HttpMethod.Post, "/auth/api-keys", new JsonObject { ["name"] = marker, ["scopes"] = new JsonArray("api.read") }, cancellationToken)).Expect(201).Json.Member("summary").Text("id");
        // Not the session that all else is shown with.
        var device = await system.Members.SignInAsync(owner.Email, owner.Password, owner.UserId, cancellationToken);
        foreach (var (list, id) in ((string, string)[])[("/auth/sessions", $"{device.SessionId}"), ("/auth/api-keys", key)])
        {
            probe.That(!(await other.GetAsync(list, cancellationToken)).Expect(200).Text.Contains(id, StringComparison.Ordinal), $"{Leak}{list} shows the stranger the owner's");
            (await other.SendAsync(HttpMethod.Delete, $"{list}/{id}", null, cancellationToken)).Expect(404, "not_found");
            var own = await probe.ControlAsync(async () => (await owner.GetAsync(list, cancellationToken)).Expect(200));
            probe.That(own.Text.Contains(id, StringComparison.Ordinal), $"the owner does not find its own in {list}");
        }
    }

    private static JsonObject ResumeOf(World world) => Approving.Answering(world.ThreadId, Guid.NewGuid().ToString(), "cancelled");

    private static async Task ShowTabsAsync(CheckRun run, Asker owner, CancellationToken cancellationToken)
    {
        await using var first = await owner.Member.ConnectAsync(cancellationToken);
        var second = await owner.Member.ConnectAsync(cancellationToken);
        var thread = $"tabs-{Guid.NewGuid():N}";
        await run.ShowAsync(Tabs, async (probe, stop) =>
        {
            var started = await Asking.AskAsync(first, "What did we spend in total?", stop, thread, [owner.FileId]);
            await second.AskAsync(new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = thread, ["after"] = 0 }, stop);
            await Asking.EndAsync(first, started.RunId, stop);
            await Asking.EndAsync(second, started.RunId, stop);
            probe.Equal("the second tab's events", string.Join('\n', first.EventsOf(thread).Select(e => e.Member("event").GetRawText())), string.Join('\n', second.EventsOf(thread).Select(e => e.Member("event").GetRawText())));
        }, cancellationToken);
        await run.ShowAsync(Other, async (probe, stop) =>
        {
            await second.DisposeAsync();
            var started = await Asking.AskAsync(first, "hello", stop, thread);
            await Asking.EndAsync(first, started.RunId, stop);
            first.Note();
        }, cancellationToken);
    }

    private static async Task ManyAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var askers = await Task.WhenAll(Enumerable.Range(0, Users).Select(async i =>
        {
            var name = $"many{i}{Guid.NewGuid():N}"[..14];
            var member = await system.Members.SignUpAsync(name, cancellationToken);
            var usage = UsageSample.Make(40, 70 + i, name);
            var file = (await Usage.UploadAsync(system, member, usage, cancellationToken)).Id("id");
            return new Asker(member, await member.ConnectAsync(cancellationToken), file, usage);
        }));
        try
        {
            var runs = await Task.WhenAll(askers.Select(async asker =>
            {
                var started = await asker.AskAsync($"What did we spend in total, by user? {asker.Usage.Marker}", cancellationToken);
                await Asking.EndAsync(asker.Socket, started.RunId, cancellationToken);
                return started;
            }));
            for (var i = 0; i < Users; i++)
            {
                var frames = string.Concat(askers[i].Socket.Frames.Select(f => f.ToString()));
                probe.That(frames.Contains(askers[i].Usage.Marker, StringComparison.Ordinal), $"user {i} did not get its own marker");
                foreach (var foreign in askers.Where(a => a != askers[i])) probe.That(!frames.Contains(foreign.Usage.Marker, StringComparison.Ordinal), $"{Leak}user {i} got another's marker");
                var events = askers[i].Socket.EventsOf(runs[i].ThreadId);
                askers[i].Usage.RequireTotal(probe, RunEvents.ResultOf(events));
            }
        }
        finally
        {
            foreach (var asker in askers) await asker.DisposeAsync();
        }
    }
}

/// <summary>What belongs to the owner.</summary>
internal sealed record World(string ThreadId, string RunId, Guid FileId, string FactId, string DocumentId)
{
    /// <summary>Makes it, and reads its marker back in every way.</summary>
    public static async Task<World> MakeAsync(Asker owner, string marker, Probe probe, CancellationToken cancellationToken)
    {
        var thread = $"world-{Guid.NewGuid():N}";
        var started = await owner.AskAsync($"What did we spend in total, by user? {marker}", cancellationToken, thread);
        await Asking.EndAsync(owner.Socket, started.RunId, cancellationToken);
        var fact = RunEvents.ResultOf(owner.Socket.EventsOf(thread)).Items("figures").FirstOrDefault();
        probe.That(fact.ValueKind == JsonValueKind.Object, "the answer has no figure");
        foreach (var path in (string[])[$"/api/threads/{thread}/messages", $"/api/threads/{thread}/events?after=0", $"/api/threads?query={marker}", "/api/files", $"/api/threads/{thread}/export?format=md"])
            probe.That((await owner.Member.GetAsync(path, cancellationToken)).Expect(200).Text.Contains(marker, StringComparison.Ordinal), $"the owner does not find its marker in {path.Split('?')[0]}");
        await Approving.ApproveAsync(probe, owner.Socket, await Approving.ProposeAsync(probe, owner.Socket, "Write the routing patch for this plan", cancellationToken, [owner.FileId]), cancellationToken);
        var document = (await owner.Member.GetAsync("/api/documents", cancellationToken)).Expect(200).Json.Items().First();
        return new World(thread, started.RunId, owner.FileId, fact.Text("factId"), document.Text("id"));
    }
}
