using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Throughline.Verify.Checks.Sync;

/// <summary>Check 6: what changes in auth arrives in the backend, once, and the same.</summary>
internal sealed class SyncingUsers : CheckPart
{
    /// <summary>What is compared with none.</summary>
    public const string FilesWithDeleted = "the list of files that show what was deleted";

    private const int AtOnce = 8;
    private static readonly Assertion Disable = new("sync.disable", "A user who is shut out is shut out in the backend's store, too") { Needs = Needs.State | Needs.Administrator };
    private static readonly Assertion Conflict = new("sync.conflict", "Of changes at the same time one wins, the others get 412, and both stores have the winner's") { Needs = Needs.Services };
    private static readonly Assertion Erased = new("sync.erase.gone", "Deleting a user erases its threads, files, facts and events in the backend") { Needs = Needs.State, Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Confirmed = new("sync.erase.confirmed", "The receipt says that every holder has erased, the backend among them") { Needs = Needs.State };
    private static readonly Assertion Overwritten = new("sync.erase.overwritten", "What a deleted user was called and asked stands in no file of the stack") { Needs = Needs.State | Needs.SameMachine | Needs.OwnStack };
    private static readonly Assertion Zero = new("sync.reconcile.zero", "Comparing all users finds no divergence") { Needs = Needs.State };

    private static readonly Assertion Repair = new("sync.reconcile.repair", "A divergence that was planted in the backend's store is found and repaired") { Needs = Needs.State | Needs.OwnStack };

    private static readonly Assertion Older = new("sync.older", "A change that is older than the backend's copy leaves the copy as it is") { Needs = Needs.State | Needs.OwnStack };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Disable, Conflict, Erased, Confirmed, Overwritten, Zero, Repair, Older];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        await CheckRun.AtOnceAsync(
            () => ShowErasureAsync(run, cancellationToken),
            () => run.ShowAsync(Disable, async (probe, stop) =>
            {
                var member = await system.Members.SignUpOnlyAsync("shut-out", stop);
                probe.Equal("the status before", "active", (await Replica.UntilAsync(system, member.UserId, r => true, stop)).Text("status"));
                await system.ChangeUserAsync(member.UserId, new JsonObject { ["disabled"] = true }, stop);
                await Replica.UntilAsync(system, member.UserId, r => r.FindText("status") == "disabled", stop);
                await system.ChangeUserAsync(member.UserId, new JsonObject { ["disabled"] = false }, stop);
                await Replica.UntilAsync(system, member.UserId, r => r.FindText("status") == "active", stop);
            }, cancellationToken),
            () => run.ShowAsync(Conflict, (probe, stop) => ConflictAsync(system, probe, stop), cancellationToken));
        await run.ShowAsync(Zero, async (probe, stop) =>
        {
            var (found, compared) = await Replica.ReconcileAsync(system, repair: false, stop);
            probe.Add(new Comparison(probe.Now, "the divergences", "0", $"{found.Count} among {compared} users"));
            probe.That(compared > 0, "no user was compared");
            probe.That(found.Count == 0, $"{found.Count} of {compared} users diverge; the first: {(found is [var divergence, ..] ? divergence : "none")}");
        }, cancellationToken);
        await run.ShowAsync(Repair, (probe, stop) => RepairAsync(system, probe, stop), cancellationToken);
        await run.ShowAsync(Older, (probe, stop) => IgnoreOlderAsync(system, probe, stop), cancellationToken);
    }

    /// <summary>The copy is made to be of a later version than auth's; so the change that follows is one that comes too late, and a control's comes after it.</summary>
    private static async Task IgnoreOlderAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var member = await PlantAsync(system, "later", "version = version + 10", probe, cancellationToken);
        var planted = (await Replica.UntilAsync(system, member.UserId, _ => true, cancellationToken)).Number("version");
        var control = await system.Members.SignUpAsync("control", cancellationToken);
        (await member.SendAsync(HttpMethod.Patch, "/auth/me", new JsonObject { ["name"] = "Older" }, cancellationToken)).Expect(200);
        var newer = (await control.SendAsync(HttpMethod.Patch, "/auth/me", new JsonObject { ["name"] = "Newer" }, cancellationToken)).Expect(200).Json.Number("version");
        // Changes come in order: the control's is there, so the member's has been before.
        await probe.ControlAsync(() => Replica.UntilAsync(system, control.UserId, r => r.Number("version") == newer, cancellationToken));
        var kept = (await Replica.UntilAsync(system, member.UserId, _ => true, cancellationToken)).Number("version");
        await Replica.ReconcileAsync(system, repair: true, cancellationToken);
        probe.Equal("the version of the copy", planted, kept);
    }

    /// <summary>Changes the copy behind the service's back: the one row that is not made through the product's interface, since none makes it wrong.</summary>
    private static async Task<Member> PlantAsync(SystemUnderTest system, string who, string change, Probe probe, CancellationToken cancellationToken)
    {
        var member = await system.Members.SignUpAsync(who, cancellationToken);
        await Replica.UntilAsync(system, member.UserId, r => r.FindText("status") == "active", cancellationToken);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(system.StateRoot!, "backend.db")};Mode=ReadWrite;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"UPDATE users SET {change} WHERE user_id = @id";
        command.Parameters.AddWithValue("@id", member.UserId.ToString());
        probe.Equal("the rows that were changed", 1, await command.ExecuteNonQueryAsync(cancellationToken));
        return member;
    }

    private static async Task RepairAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var member = await PlantAsync(system, "planted", "name = 'Planted'", probe, cancellationToken);
        var (found, _) = await Replica.ReconcileAsync(system, repair: false, cancellationToken);
        probe.That(found.Any(f => f.Contains($"{member.UserId}", StringComparison.Ordinal)), "the planted divergence was not found");
        await Replica.ReconcileAsync(system, repair: true, cancellationToken);
        await Waiting.UntilAsync(system.Time, async () => !(await Replica.ReconcileAsync(system, repair: false, cancellationToken)).Found.Any(f => f.Contains($"{member.UserId}", StringComparison.Ordinal)), cancellationToken);

        probe.Equal("the name in the backend", member.Email.Split('@')[0], (await member.GetAsync("/api/me", cancellationToken)).Expect(200).Json.Text("name"));
    }

    private static async Task ConflictAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var member = await system.Members.SignUpAsync("conflict", cancellationToken);
        var version = (await member.GetAsync("/auth/me", cancellationToken)).Expect(200).Json.Number("version");
        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i =>
            member.SendAsync(HttpMethod.Patch, "/auth/me", new JsonObject { ["name"] = $"Racer {i}" }, cancellationToken, version)));
        probe.Equal("the winners", 1, answers.Count(a => a.Status == 200));
        probe.Equal("the refused with 412", AtOnce - 1, answers.Count(a => a.Status == 412));
        var winner = answers.First(a => a.Status == 200).Json;
        probe.Equal("the name in auth", winner.Text("name"), (await member.GetAsync("/auth/me", cancellationToken)).Expect(200).Json.Text("name"));
        await Waiting.UntilAsync(system.Time, async () => (await member.GetAsync("/api/me", cancellationToken)).Expect(200).Json.Number("version") >= winner.Number("version"), cancellationToken);
        probe.Equal("the name in the backend", winner.Text("name"), (await member.GetAsync("/api/me", cancellationToken)).Json.Text("name"));
    }

    private static async Task ShowErasureAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        await using var asker = await Asker.NewAsync(system, "erased", 41, cancellationToken, rows: 50);
        var member = asker.Member;
        var word = $"word-{Guid.NewGuid():N}";
        Uri? receipt = null;
        await run.MustAsync(Erased, async (probe, stop) =>
        {
            var started = await asker.AskAsync($"What did we spend in total? {word}", stop);
            await Asking.EndAsync(asker.Socket, started.RunId, stop);
            await probe.ControlAsync(async () => (await member.GetAsync($"/api/threads/{started.ThreadId}", stop)).Expect(200));
            var files = Path.Combine(system.StateRoot!, "files", member.UserId.ToString());
            if (system.Lacks(Overwritten.Needs) is null)
                foreach (var said in (string[])[word, member.Email]) probe.That(FilesWith(system, said).Count > 0, $"{said} is looked for where it never stood");
            var deleted = await member.SendAsync(HttpMethod.Delete, "/auth/me", null, stop);
            probe.That(deleted.Status is 200 or 202 or 204, $"deleting was answered with {deleted.Status}");
            member.IsGone = true;
            receipt = deleted.Header("Location") is { } location ? new Uri(system.Auth, location) : null;
            probe.Equal("the close code of the open socket", 4004, await asker.Socket.ClosedAsync(stop));
            await Replica.UntilAsync(system, member.UserId, r => r.FindText("status") == "erased", stop);
            probe.That(!Directory.Exists(files) || !Directory.EnumerateFiles(files).Any(), "the user's files are still there");
            (await member.GetAsync($"/api/threads/{started.ThreadId}", stop)).Expect(401);
        }, cancellationToken);
        await run.ShowAsync(Confirmed, async (probe, stop) =>
        {
            probe.That(receipt is not null, "deleting gave no receipt");
            JsonElement read = default;
            await Waiting.UntilAsync(run.Time, async () => (read = (await system.Web.GetAsync(receipt!, null, stop)).Expect(200).Json).Find("completedAt") is not null, stop);
            var counts = read.Items().Where(i => i.FindText("holder") == "backend").ToDictionary(i => i.Text("what"), i => i.Number("count"));
            probe.That(counts.GetValueOrDefault("threads") >= 1 && counts.GetValueOrDefault("files") >= 1, $"the backend's part of the receipt is: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
        }, cancellationToken);
        await run.ShowAsync(Overwritten, async (probe, stop) =>
        {
            List<string> left = [];
            try
            {
                await Waiting.UntilAsync(run.Time, () => Task.FromResult((left = FilesWith(system, word, member.Email)).Count == 0), stop);
            }
            catch (OperationCanceledException) when (left.Count > 0)
            {
                // Said below.
            }

            probe.Equal(FilesWithDeleted, "none", left.Count == 0 ? "none" : string.Join(", ", left));
        }, cancellationToken);
    }

    /// <summary>Read as they lie there, free pages of databases and their logs too.</summary>
    private static List<string> FilesWith(SystemUnderTest system, params string[] texts)
    {
        var (found, wanted) = (new List<string>(), texts.Select(Encoding.UTF8.GetBytes).ToList());
        foreach (var path in Directory.EnumerateFiles(system.StateRoot!, "*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(path) == ".lock") continue; // the launcher's own, which nobody else may open
            try
            {
                var whole = File.ReadAllBytes(path);
                if (wanted.Exists(text => whole.AsSpan().IndexOf(text) >= 0)) found.Add(Path.GetRelativePath(system.StateRoot!, path));
            }
            catch (FileNotFoundException)
            {
                // It was there a moment ago.
            }
        }

        return found;
    }
}
