using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Throughline.Backend.Tests.Actions;
using Throughline.Backend.Tests.Files;
using Throughline.Backend.Tests.Users.Revoking;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Tests.Users.Erasing;

/// <summary>Whoever deletes the account gets a receipt of what was erased where, and nothing readable of it is left in the state folder.</summary>
public sealed class ErasingAnAccount(Services services) : IClassFixture<Services>
{
    [Fact]
    public async Task The_receipt_lists_what_was_erased_and_the_state_folder_holds_no_trace()
    {
        var stop = TestContext.Current.CancellationToken;
        var canary = $"canary{Guid.NewGuid().ToString("N")[..12]}"; // part of the e-mail and name, the question, a title, a file's name and a file's rows
        using var alice = await services.SignUpAsync(canary, stop);
        using var bob = await services.SignUpAsync("bob", stop);
        await LiveAsync(alice, canary, stop);
        await LiveAsync(bob, "bystander", stop);
        await alice.Auth.CreateKeyAsync(stop, "api");
        await services.UntilAsync(() => Task.FromResult(TracesOf(alice.Email).Any(path => path.EndsWith(".eml", StringComparison.Ordinal))), "the sign-up's mail has come", stop);
        var socket = await WatchedSocket.OpenAsync(services.Backend, alice.AccessToken, stop);
        Assert.NotEmpty(TracesOf(canary)); // the search finds what is there

        using var deleted = await alice.Auth.DeleteAsync("/auth/me", stop);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(4004, (await socket.Closed).Code);
        var receipt = await CompletedAsync(deleted.Headers.Location!, stop);
        await socket.DisposeAsync();

        var items = receipt.Items.ToDictionary(i => (i.Holder, i.What), i => i.Count);
        foreach (var (what, count) in items.OrderBy(i => i.Key)) TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {count}");
        Assert.Equal((1, 1, 1), (items[("auth", "profile")], items[("auth", "sessions")], items[("auth", "refresh_tokens")]));
        Assert.Equal((1, 1), (items[("auth", "api_keys")], items[("auth", "mails")]));
        Assert.InRange(items[("auth", "codes")], 1, 5); // the mailed one, and those of the sign-in as far as they were not pruned
        Assert.Equal((2, 1, 1, 1), (items[("backend", "threads")], items[("backend", "files")], items[("backend", "runs")], items[("backend", "sockets")]));
        Assert.Equal(Rows(canary).Length, items[("backend", "file_bytes")]);
        Assert.True(items[("backend", "events")] > 5 && items[("backend", "facts")] > 0 && items[("backend", "run_requests")] == 1);
        Assert.InRange(items[("store", "keys")], 1, 4); // the messages' log, and of points, bytes and connections what has not run out
        Assert.Empty(TracesOf(canary));
        Assert.Empty(services.StoredOf(alice));
        // Of somebody else, everything.
        Assert.NotEmpty(services.StoredOf(bob));
        Assert.Equal(2, (await (await bob.Http.GetAsync("/api/threads", stop)).ReadAsync(WireJson.Default.PageThreadSummary, stop)).Items.Count);
    }

    [Fact]
    public async Task What_was_approved_and_what_still_waits_goes_too()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var file = await alice.UploadAsync("plan.csv", Approvals.Northwind(), stop);
        await using var socket = await RawSocket.OpenAsync(services, alice, stop);
        string[] questions = ["Set a budget of $500 a month", "Alert me when daily spend passes $20", "Write the routing patch for this plan"];
        foreach (var question in questions)
        {
            var interrupt = await socket.ProposeAsync(question, "thread", question, stop, file.Id);
            await socket.EndOfAsync((await socket.ResumeAsync($"yes {question}", "thread", interrupt, true, stop)).GetProperty("runId").GetString()!, stop);
        }

        await socket.ProposeAsync("Set a budget of $600 a month", "waiting", "waiting", stop);

        using var deleted = await alice.Auth.DeleteAsync("/auth/me", stop);
        var items = (await CompletedAsync(deleted.Headers.Location!, stop)).Items.Where(i => i.Holder == "backend").ToDictionary(i => i.What, i => i.Count);
        Assert.Equal((1, 1, 1, 4), (items["budgets"], items["alerts"], items["documents"], items["interrupts"]));
    }

    [Fact]
    public async Task Only_the_backend_reports_and_only_whoever_holds_its_id_reads_a_receipt()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var deleted = await alice.Auth.DeleteAsync("/auth/me", stop);
        var receipt = await CompletedAsync(deleted.Headers.Location!, stop);
        var report = new ErasureReport([new("backend", "threads", 7, DateTimeOffset.UnixEpoch)]);

        using var anonymous = Client.ThroughlineHttp.Create(services.Auth.Url);
        Assert.Equal(HttpStatusCode.NotFound, (await anonymous.GetAsync($"/auth/erasures/{Guid.NewGuid()}", stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await anonymous.GetAsync($"/auth/erasures/{alice.UserId}", stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(anonymous, alice.UserId, report, stop)).StatusCode);
        using var frontend = await services.ServiceHttpAsync(services.Auth.Url, stop, "frontend");
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(frontend, alice.UserId, report, stop)).StatusCode);
        using var backend = await services.ServiceHttpAsync(services.Auth.Url, stop);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(backend, Guid.NewGuid(), report, stop)).StatusCode);
        foreach (var item in (ErasedItem[])[new("auth", "sessions", 1, default), new("backend", "", 1, default), new("backend", "threads", -1, default)])
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(backend, alice.UserId, new([item]), stop)).StatusCode);
        Assert.Equal(4, receipt.Id.Version); // random, unlike ids that tell when they were made
        Assert.Equal(receipt.CompletedAt, (await CompletedAsync(deleted.Headers.Location!, stop)).CompletedAt);
    }

    [Fact]
    public async Task A_report_is_repeated_until_auth_takes_it()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        await Services.KillAsync(services.Backend, stop);
        using var deleted = await alice.Auth.DeleteAsync("/auth/me", stop);
        await Services.KillAsync(services.Store, stop);
        await services.StartBackendAsync(stop);
        using var backend = await services.ServiceHttpAsync(services.Backend.Url, stop);
        await services.UntilAsync(async () => (await backend.ReplicaAsync(alice.UserId, stop))?.Status == "erased", "the user is erased", stop);
        using var anonymous = Client.ThroughlineHttp.Create(services.Auth.Url);
        var before = await (await anonymous.GetAsync(deleted.Headers.Location, stop)).ReadAsync(WireJson.Default.ErasureReceipt, stop);
        Assert.Null(before.CompletedAt); // nobody can say what the store holds

        await services.StartStoreAsync(stop);

        Assert.NotNull((await CompletedAsync(deleted.Headers.Location!, stop)).CompletedAt);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, Guid userId, ErasureReport report, CancellationToken stop) =>
        http.PostAsJsonAsync($"/internal/users/{userId}/erased", report, WireJson.Default.ErasureReport, stop);

    private static byte[] Rows(string name)
    {
        var text = new StringBuilder("timestamp,model,input_tokens,output_tokens,user\n");
        for (var i = 0; i < 200; i++) text.Append(CultureInfo.InvariantCulture, $"2026-01-{1 + (i % 28):00}T10:00:00Z,gpt-4o,{1000 + i},{10 + i},{name}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private async Task LiveAsync(Member member, string name, CancellationToken stop)
    {
        var file = await member.UploadAsync($"{name}.csv", Rows(name), stop);
        using var thread = await member.Http.PostAsJsonAsync("/api/threads", new CreateThread(Title: $"About {name}"), WireJson.Default.CreateThread, stop);
        thread.EnsureSuccessStatusCode();
        await using var socket = await RawSocket.OpenAsync(services, member, stop);
        await socket.StartAsync("q", RawSocket.Input($"What did {name} spend?", "asked", "run", file.Id), stop);
        await socket.EndOfAsync("run", stop);
    }

    private async Task<ErasureReceipt> CompletedAsync(Uri location, CancellationToken stop)
    {
        using var anonymous = Client.ThroughlineHttp.Create(services.Auth.Url);
        ErasureReceipt? receipt = null;
        await services.UntilAsync(
            async () => (receipt = await (await anonymous.GetAsync(location, stop)).ReadAsync(WireJson.Default.ErasureReceipt, stop)).CompletedAt is not null,
            "the receipt is complete", stop);
        return receipt!;
    }

    /// <summary>Files of the state folder, and what the services have printed, that hold the text, in either encoding that a database may use.</summary>
    private List<string> TracesOf(string text)
    {
        var patterns = new[] { Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text) };
        var files = Directory.EnumerateFiles(services.State.Root, "*", SearchOption.AllDirectories)
            .Where(path => patterns.Any(pattern => ReadShared(path).AsSpan().IndexOf(pattern) >= 0)).Select(path => Path.GetRelativePath(services.State.Root, path));
        var logs = new[] { services.Auth, services.Backend, services.Store }.Where(s => s.Program.Transcript.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(s => $"log of {s.Record.Service}");
        return [.. files, .. logs];
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
