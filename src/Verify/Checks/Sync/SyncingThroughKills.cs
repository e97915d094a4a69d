using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Sync;

/// <summary>Check 6, where things may be killed: changes arrive although the backend died among them, and auth leaves nothing half done.</summary>
internal sealed class SyncingThroughKills : CheckPart
{
    private const int Changes = 30;
    private const int SignUps = 6;
    private static readonly Assertion Killed = new("sync.killed.backend", "Changes made while the backend is killed and started again all arrive, in order") { Needs = Needs.State | Needs.SameMachine, Deadline = TimeSpan.FromSeconds(25) };
    private static readonly Assertion Atomic = new("sync.killed.auth", "A sign-up that is cut off by a kill of auth is there whole, in both stores, or not at all") { Needs = Needs.State | Needs.SameMachine | Needs.ManySignUps, Deadline = TimeSpan.FromSeconds(25) };

    public override bool Disrupts => true;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Killed, Atomic];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        await run.ShowAsync(Killed, async (probe, stop) =>
        {
            var member = await system.Members.SignUpAsync("killed", stop);
            var version = (await member.GetAsync("/auth/me", stop)).Expect(200).Json.Number("version");
            var kill = Killing.KillAsync(system, probe, ["backend"], stop);
            for (var i = 0; i < Changes; i++)
                version = (await member.SendAsync(HttpMethod.Patch, "/auth/me", new JsonObject { ["name"] = $"Name {i}" }, stop, version)).Expect(200).Json.Number("version");
            await kill;
            await Replica.UntilAsync(system, member.UserId, r => r.Number("version") >= version, stop);
            var me = (await member.GetAsync("/api/me", stop)).Expect(200).Json;
            probe.Equal("the version in the backend", version, me.Number("version"));
            probe.Equal("the name in the backend", $"Name {Changes - 1}", me.Text("name"));
        }, cancellationToken);
        await run.ShowAsync(Atomic, (probe, stop) => AtomicAsync(system, probe, stop), cancellationToken);
    }

    private static async Task AtomicAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var tried = Enumerable.Range(0, SignUps).Select(_ => (Email: Members.NewEmail("atomic"), Password: Members.NewPassword())).ToList();
        var posts = tried.Select(t => TryAsync(t.Email, t.Password)).ToList();
        await Task.WhenAny(posts); // one is through, the others are under way
        await Killing.KillAsync(system, probe, ["auth"], cancellationToken);
        var answered = await Task.WhenAll(posts);
        foreach (var ((email, password), status) in tried.Zip(answered))
        {
            system.Members.Note(email, password);
            var login = await SignIn.LogInAsync(system, email, password, cancellationToken);
            if (status == 201) probe.Equal($"signing in after a sign-up that was acknowledged", 204, login.Status);
            if (login.Status == 204)
            {
                var member = await system.Members.SignInAsync(email, password, Guid.Empty, cancellationToken);
                await Waiting.UntilAsync(system.Time, async () => (await member.GetAsync("/api/me", cancellationToken)).Status == 200, cancellationToken);
            }
            else
            {
                login.Expect(401, "invalid_credentials");
                (await system.Members.PostSignUpAsync(email, password, cancellationToken)).Expect(201);
            }
        }

        async Task<int?> TryAsync(string email, string password)
        {
            try
            {
                return (await system.Members.PostSignUpAsync(email, password, cancellationToken)).Status;
            }
            catch (HttpRequestException)
            {
                return null; // cut off, as it was to be
            }
        }
    }
}
