using System.Diagnostics;
using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Composition;

/// <summary>Check 3: each service puts itself together with nothing missing, as its own <c>--check</c> tells.</summary>
internal sealed class ComposingServices : CheckPart
{
    private static readonly string[] Web = ["auth", "backend", "frontend"];
    private static readonly string[] All = [.. Web, "store"];
    private static readonly (string Item, string Statement, string[] Services)[] Items =
    [
        ("container", "builds its container with scopes and constructors validated", All),
        ("options", "binds and validates its options", All),
        ("hosted_services", "makes every hosted service", All),
        ("endpoints", "makes whatever its endpoints ask for", Web),
        ("routes", "has decided who may call each route", Web),
        ("wire", "writes and reads every wire type without loss", All),
        ("migrations", "brings an empty database and one of the version before up to date, and its model has no pending change", ["auth", "backend"]),
        ("grains", "could make every grain", ["backend"]),
        ("agents", "makes its agents and tools", ["backend"]),
    ];

    private static readonly (Assertion Assertion, string Item, string Service)[] Cases = [.. Items.SelectMany(i => i.Services.Select(s =>
        (new Assertion($"composition.{i.Item}.{s}", $"{char.ToUpperInvariant(s[0])}{s[1..]} {i.Statement}"), i.Item, s)))];

    private static readonly Assertion Told = new("composition.told", "Every service tells what it is composed of") { Deadline = TimeSpan.FromSeconds(30) };
    private static readonly Assertion Time = new("composition.time", "All of this takes less than 10 seconds", 10_000);
    private static readonly Assertion Apart = new("composition.apart", "Auth refers to nothing of the backend, and the backend to nothing of auth");
    private static readonly Assertion Cycle = new("composition.cycle", "No projects need each other");

    public override IReadOnlyList<Assertion> Assertions { get; } = [Told, Time, .. Cases.Select(c => c.Assertion), Apart, Cycle];

    public override bool RunsAtOnce => true;

    /// <summary>Four programs start at once here: on a small machine nothing else would come to its turn, and neither would they.</summary>
    public override bool MeasuresAlone => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var programs = run.Options.Programs;
        if (programs.Count == 0 || run.System.StateRoot is null)
        {
            foreach (var assertion in Assertions) run.Exclude(assertion, "the programs of the target are not at hand");
            return;
        }

        var reports = new Dictionary<string, CompositionReport>();
        var began = run.Time.GetTimestamp();
        await run.MustAsync(Told, async (probe, stop) =>
        {
            var all = await Task.WhenAll(All.Select(service => CheckAsync(run, probe, service, programs[service], stop)));
            foreach (var report in all) reports[report.Service] = report;
            probe.Equal("the services that told", All.Length, reports.Count);
        }, cancellationToken);
        var elapsed = run.Time.GetElapsedTime(began);
        await run.ShowAsync(Time, (probe, _) =>
        {
            probe.Measure(elapsed.TotalMilliseconds, Time.LimitMs!.Value, "ms");
            return Task.CompletedTask;
        }, cancellationToken);
        foreach (var (assertion, item, service) in Cases)
            await run.ShowAsync(assertion, (probe, _) =>
            {
                var report = reports.GetValueOrDefault(service) ?? throw new Refutation($"{service} told nothing");
                var found = report.Items.FirstOrDefault(i => i.Name == item);
                // One that does not come so far has told before why.
                probe.Equal($"the faults of {item} in {service}", "", string.Join(" ", found?.Faults ?? [.. report.Items.SelectMany(i => i.Faults)]));
                probe.That(found is { Count: > 0 }, "there was nothing to look at");
                return Task.CompletedTask;
            }, cancellationToken);
        await run.ShowAsync(Apart, (probe, _) =>
        {
            var (auth, backend) = (Dependencies.Of(programs["auth"]), Dependencies.Of(programs["backend"]));
            probe.That(auth.Count > 0 && backend.Count > 0, "no dependencies are named");
            probe.That(!Dependencies.Reach(auth, "Throughline.Auth").Contains("Throughline.Backend"), "auth needs the backend");
            probe.That(!Dependencies.Reach(backend, "Throughline.Backend").Contains("Throughline.Auth"), "the backend needs auth");
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Cycle, (probe, _) =>
        {
            var all = programs.Values.SelectMany(Dependencies.Of).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.SelectMany(p => p.Value).Distinct()]);
            probe.That(all.Count > 4, $"only {all.Count} projects are named");
            foreach (var project in all.Keys) probe.That(!Dependencies.Reach(all, project).Contains(project), $"{project} needs itself by some way round");
            return Task.CompletedTask;
        }, cancellationToken);
    }

    /// <summary>Runs the program as a deployment would, on the state of the target, which it only reads.</summary>
    private static async Task<CompositionReport> CheckAsync(CheckRun run, Probe probe, string service, string program, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [program, CompositionCheck.Option]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["State__Directory"] = run.System.StateRoot!;
        start.Environment["Auth__Issuer"] = "http://localhost:3000";
        start.Environment["Listen__Port"] = "0";
        start.Environment.Remove("ASPNETCORE_URLS");
        var (at, began) = (run.Time.GetUtcNow(), run.Time.GetTimestamp());
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{service} did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var lines = (await output + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        probe.Add(new CommandRun(at, $"{service} {CompositionCheck.Option}", process.ExitCode, Math.Round(run.Time.GetElapsedTime(began).TotalMilliseconds), [.. lines.TakeLast(3).Select(l => l.Length <= 300 ? l : l[..300])]));
        try
        {
            return CompositionReport.Parse(lines.LastOrDefault(l => l.StartsWith('{')) ?? "")!;
        }
        catch (JsonException)
        {
            throw new Refutation($"{service} {CompositionCheck.Option} told nothing: {lines.LastOrDefault()}");
        }
    }
}
