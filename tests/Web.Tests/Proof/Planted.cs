using Throughline.ServiceDefaults;
using Throughline.Verify;
using Throughline.Verify.Reports;

namespace Throughline.Web.Tests.Proof;

/// <summary>Reports of runs that were not made, kept where verify keeps its own.</summary>
internal static class Planted
{
    private static readonly ProofGraph Graph = GraphFile.BuiltIn();

    /// <summary>All holds, but for what is not for this target.</summary>
    public static void Working(string stateRoot) => Keep(stateRoot, Verdict.Passed);

    /// <summary>The socket's gate failed; a record that names a wrong port is why.</summary>
    public static void Broken(string stateRoot) => Keep(stateRoot, Verdict.Failed);

    private static void Keep(string stateRoot, Verdict socket)
    {
        var now = TimeProvider.System.GetUtcNow();
        var findings = Findings(now.AddSeconds(-40), socket);
        var steps = StepStatuses.Of(Graph, findings).Select(s => s with { ElapsedMs = 210 }).ToList();
        IReadOnlyList<Cause> causes = socket == Verdict.Failed ? [RecordNamesAnotherPort] : [];
        var result = new VerifyResult(
            Guid.CreateVersion7(), "0.1.0", stateRoot, now.AddSeconds(-40), now, 0, socket == Verdict.Passed, socket == Verdict.Passed ? 0 : 1,
            [.. Graph.Checks.Select(c => OutcomeOf(c, findings))], steps, causes, Exposure.Of(Graph, steps, causes, Graph.Revenue.Reviewed), findings, new MachineNote(2, "Linux", 1, 1));
        var seen = Graph.Checks.Where(c => c.Id != "composition").ToDictionary(c => c.Id, c => new SeenFailing(c.Id, now.AddDays(-3), $"{c.Id}.gate", "port held by another program"));
        // By the moment of planting: a real run that has just ended may have begun after this one is said to have.
        new KeptReports(KeptReports.FolderIn(stateRoot)).Keep(result.Id, now, new JsonReport().Write(result, new ReportContext(Graph, [], seen)));
    }

    private static Cause RecordNamesAnotherPort { get; } = new(
        "discovery", "wrong_port", "Backend’s discovery record names port 8001, it listens on 8000",
        [
            new("backend runs and answers at 127.0.0.1:8000", "its record says otherwise", "journey.socket.hello", 0, "process 4711 of backend runs"),
            new("its record says otherwise", "clients reach auth instead of the backend", "journey.socket.hello", 0, "record of backend: port 8001, pid 4711, listens on 8000, answered by auth"),
        ],
        new Fix("Remove the port override, so that the record is written from the bound socket.", "unset Discovery__Port && ./throughline up"), ["journey.socket.hello", "jwt.accept.header"], []);

    private static List<Finding> Findings(DateTimeOffset at, Verdict socket)
    {
        var isBehind = false;
        var findings = new List<Finding>();
        foreach (var step in Graph.Steps)
        {
            var verdict = isBehind ? Verdict.Blocked : step.Id == "socket" ? socket : Verdict.Passed;
            isBehind |= verdict == Verdict.Failed;
            findings.Add(Of(step.Gate[0], verdict, at));
        }

        foreach (var check in Graph.Checks.Where(c => c.Id is not ("startup" or "journey")))
            findings.Add(Of($"{check.Id}.told", check.Id == "recovery" ? Verdict.Excluded : check.Id == "composition" || !isBehind ? Verdict.Passed : Verdict.Blocked, at));
        return findings;
    }

    private static Finding Of(string id, Verdict verdict, DateTimeOffset at) => new(
        id, id.Split('.')[0], "It holds", verdict, verdict == Verdict.Failed ? "closed with 4002" : null, verdict == Verdict.Blocked ? "socket" : null,
        verdict == Verdict.Passed ? new Measurement(2100, 30_000, "ms") : null, [], verdict is Verdict.Passed or Verdict.Failed ? at : null, verdict is Verdict.Passed or Verdict.Failed ? at.AddSeconds(2) : null);

    private static CheckOutcome OutcomeOf(DeclaredCheck check, List<Finding> findings)
    {
        var own = findings.Where(f => f.Check == check.Id).ToList();
        int Count(Verdict verdict) => own.Count(f => f.Verdict == verdict);
        var state = Count(Verdict.Failed) > 0 ? StepState.Broken : Count(Verdict.Blocked) > 0 ? StepState.Blocked : Count(Verdict.Passed) > 0 ? StepState.Working : StepState.Excluded;
        return new CheckOutcome(
            check.Number, check.Id, check.Name, state, Count(Verdict.Passed), Count(Verdict.Failed), Count(Verdict.Blocked), 0, Count(Verdict.Excluded), 0, 2000, own.FirstOrDefault(f => f.Verdict == Verdict.Failed)?.Id);
    }
}
