namespace Throughline.Verify;

/// <summary>
/// Names no cause that it cannot know: puts failures together that were seen at the same service in the same way, says "unknown", and
/// lists what may be behind them.
/// </summary>
public sealed class Grouping : IDiagnosis
{
    public IReadOnlyList<Cause> Explain(ProofGraph graph, IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return [.. findings.Where(f => f.Verdict == Verdict.Failed)
            .GroupBy(f => Signature.Of(f))
            .Select(group => CauseOf(group.Key, [.. group]))
            .OrderByDescending(c => c.Explains.Count)];
    }

    private static Cause CauseOf(Signature signature, IReadOnlyList<Finding> failed)
    {
        var first = failed.MinBy(f => f.EndedAt)!;
        var sentence = failed.Count == 1
            ? $"{first.Statement} does not hold: {first.Reason}"
            : $"{failed.Count} assertions fail alike at {signature.Component} ({signature.Symptom}); the first: {first.Reason}";
        return new Cause(
            signature.Component, Cause.Unknown, sentence,
            [.. failed.Where(f => f.Evidence.Count > 0).Select(f => new Arrow(signature.Component, f.Id, f.Id, f.Evidence.Count - 1))],
            new Fix(signature.Component is Cause.Unknown or "discovery"
                ? "Read the evidence below the failed assertion."
                : $"Look at what it says: throughline logs {signature.Component}"),
            [.. failed.Select(f => f.Id)], signature.Candidates());
    }

    /// <summary>Where and how something failed, as far as the last piece of evidence tells.</summary>
    private sealed record Signature(string Component, string Symptom)
    {
        public static Signature Of(Finding finding) => Last(finding) switch
        {
            HttpExchange http => new(http.From?.Service ?? Cause.Unknown, Of(http.Failure, http.Status is { } status ? $"HTTP {status} {http.Code}".TrimEnd() : null)),
            SocketExchange socket => new(socket.From?.Service ?? "backend", Of(socket.Failure, socket.CloseCode is { } code ? $"closed with {code}" : socket.HttpStatus is { } status ? $"HTTP {status}" : "no close")),
            DiscoveryLook look => new("discovery", look.Rejection is null ? "record" : "record rejected"),
            HealthLook health => new(health.Service, $"health {health.Status}"),
            ProcessLook process => new(process.Service, process.IsAlive ? "process" : "process gone"),
            CommandRun command => new("launcher", $"exit code {command.ExitCode}"),
            BrowserLook => new("frontend", "browser"),
            Comparison comparison when finding.Evidence.LastOrDefault(e => e is HttpExchange or SocketExchange) is { } exchange => new(Of(finding with { Evidence = [exchange with { IsControl = false }] }).Component, comparison.What),
            _ => new(Cause.Unknown, finding.Id),
        };

        private static EvidenceItem? Last(Finding finding) => finding.Evidence.LastOrDefault(e => !e.IsControl && e is not LogLook);

        public IReadOnlyList<Candidate> Candidates() => Symptom switch
        {
            nameof(ExchangeFailure.Refused) =>
            [
                new(Component, "not_running", $"{Component} does not run."),
                new("discovery", "wrong_port", "The discovery record names a port on which nobody listens."),
            ],
            nameof(ExchangeFailure.TimedOut) =>
            [
                new(Component, "hung", $"The process of {Component} hangs."),
                new(Component, "overloaded", $"{Component} is too slow for the limit."),
            ],
            nameof(ExchangeFailure.Reset) => [new(Component, "crashed", $"{Component} ended while it answered.")],
            _ when Component is Cause.Unknown or "discovery" or "launcher" => [],
            // It answers, and not as it should.
            _ =>
            [
                new(Component, "program", $"The program of {Component} does otherwise than it should: compare with the release before this one."),
                new(Component, "configuration", $"A setting of {Component} is another than it should be."),
                new("proxy", "answers_otherwise", $"What stands between clients and {Component} changes what passes."),
            ],
        };

        private static string Of(ExchangeFailure? failure, string? otherwise) => failure?.ToString() ?? otherwise ?? "no answer";
    }
}
