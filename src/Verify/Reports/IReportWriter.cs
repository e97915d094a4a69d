namespace Throughline.Verify.Reports;

/// <summary>One form in which a result is written.</summary>
public interface IReportWriter
{
    /// <summary>As <c>--format</c> names it.</summary>
    string Name { get; }

    string FileName { get; }

    string Write(VerifyResult result, ReportContext context);
}

/// <summary>What a report tells beside the run itself.</summary>
/// <param name="History">Earlier runs, the oldest first.</param>
/// <param name="LastFailures">When each check was last seen to fail, and for which fault; a check that is not here is unproven.</param>
public sealed record ReportContext(ProofGraph Graph, IReadOnlyList<HistoryEntry> History, IReadOnlyDictionary<string, SeenFailing> LastFailures)
{
    public static ReportContext Of(ProofGraph graph) => new(graph, [], new Dictionary<string, SeenFailing>());
}

/// <param name="Fault">The fault that was injected; absent where it failed by itself.</param>
public sealed record SeenFailing(string Check, DateTimeOffset At, string Assertion, string? Fault = null);
