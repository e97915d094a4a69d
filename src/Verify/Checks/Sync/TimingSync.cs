using System.Globalization;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Sync;

/// <summary>Check 6: what changes in auth is soon in the backend.</summary>
internal sealed class TimingSync : CheckPart
{
    private const int Creates = 100;
    private const int Updates = 100;

    /// <summary>A change that takes longer than this is not on its way any more.</summary>
    private static readonly TimeSpan ArrivesWithin = TimeSpan.FromSeconds(5);

    private static readonly Assertion Accepted = new("sync.create.accepted", "Auth takes a hundred sign-ups") { Needs = Needs.State | Needs.ManySignUps, Deadline = TimeSpan.FromSeconds(40) };
    private static readonly Assertion Create = new("sync.create.time", "A new user is in the backend within 200 ms", 200) { Needs = Needs.State | Needs.ManySignUps };
    private static readonly Assertion Update = new("sync.update.time", "A changed profile is in the backend within 300 ms", 300) { Needs = Needs.State, Deadline = TimeSpan.FromSeconds(20) };
    private static readonly Assertion Ordered = new("sync.update.ordered", "The backend's version never goes back, and ends at auth's") { Needs = Needs.State };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Accepted, Create, Update, Ordered];

    public override bool MeasuresAlone => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        await CheckRun.AtOnceAsync(() => ShowCreatesAsync(run, cancellationToken)); // one that stops leaves the updates alone
        await ShowUpdatesAsync(run, cancellationToken);
    }

    private static async Task ShowCreatesAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var (system, samples) = (run.System, new List<double>());
        await run.MustAsync(Accepted, async (probe, stop) =>
        {
            var token = await system.ServiceTokenAsync("backend", stop);
            // Two at a time: most of a sign-up is the hash of its password.
            await Parallel.ForEachAsync(Enumerable.Range(0, Creates), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = stop }, async (_, _) =>
            {
                var member = await system.Members.SignUpOnlyAsync("create", stop);
                var began = run.Time.GetTimestamp();
                await Replica.UntilAsync(system, member.UserId, r => r.FindText("status") == "active", stop, token);
                lock (samples) samples.Add(run.Time.GetElapsedTime(began).TotalMilliseconds);
            });

            probe.Equal("the users who arrived", Creates, samples.Count);
        }, cancellationToken);
        await run.ShowAsync(Create, (probe, _) =>
        {
            probe.MeasureP95(samples);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task ShowUpdatesAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var (system, samples, seen) = (run.System, new List<double>(), new List<long>());
        var member = await system.Members.SignUpAsync("update", cancellationToken);
        var (version, made) = (0L, 0);
        await run.ShowAsync(Update, async (probe, stop) =>
        {
            var token = await system.ServiceTokenAsync("backend", stop);
            version = (await member.GetAsync("/auth/me", stop)).Expect(200).Json.Number("version");
            while (made < Updates && !probe.IsP95Lost(samples, Updates))
            {
                version = (await member.SendAsync(HttpMethod.Patch, "/auth/me", new JsonObject { ["name"] = $"Name {made++}" }, stop, version)).Expect(200).Json.Number("version");
                samples.Add(await ArrivalAsync(run, member, version, seen, token, stop));
            }

            probe.MeasureP95(samples);
        }, cancellationToken);
        await run.ShowAsync(Ordered, async (probe, stop) =>
        {
            var me = (await member.GetAsync("/api/me", stop)).Expect(200).Json;
            probe.That(seen.Count >= made, $"only {seen.Count} versions were seen");
            probe.That(seen.Zip(seen.Skip(1)).All(pair => pair.First <= pair.Second), "a version came after a newer one");
            probe.Equal("the name in the backend", $"Name {made - 1}", me.Text("name"));
        }, cancellationToken);
    }

    /// <returns>After how many milliseconds the backend has that version.</returns>
    private static async Task<double> ArrivalAsync(CheckRun run, Member member, long version, List<long> seen, string token, CancellationToken cancellationToken)
    {
        var began = run.Time.GetTimestamp();
        var patience = ArrivesWithin * run.Options.Slack;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await Replica.UntilAsync(run.System, member.UserId, r =>
            {
                seen.Add(r.Number("version"));
                return r.Number("version") >= version;
            }, limit.Token, token);
            return run.Time.GetElapsedTime(began).TotalMilliseconds;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Refutation(string.Create(CultureInfo.InvariantCulture, $"not within {patience.TotalSeconds:0.#} s: version {version} did not come; the last one was {(seen is [.., var last] ? last : "none")}"));
        }
    }
}
