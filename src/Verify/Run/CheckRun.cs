using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Client.Problems;

namespace Throughline.Verify;

/// <summary>A part of a check while it runs: its system, and the way to say something of it.</summary>
internal sealed class CheckRun
{
    private readonly Dictionary<string, Assertion> _assertions;
    private readonly Action<Finding> _found;
    private readonly Dictionary<string, Finding> _findings = [];
    private readonly Lock _gate = new();

    internal CheckRun(CheckPart part, SystemUnderTest? system, Workshop workshop, VerifyOptions options, Action<Finding> found)
    {
        Part = part;
        System = system!;
        Workshop = workshop;
        Options = options;
        _assertions = part.Assertions.ToDictionary(a => a.Id);
        _found = found;
    }

    public CheckPart Part { get; }

    /// <summary>What is tested. Not to be touched by parts of <see cref="StackRole.None"/>.</summary>
    public SystemUnderTest System { get; }

    /// <summary>Starts further systems.</summary>
    public Workshop Workshop { get; }

    public VerifyOptions Options { get; }

    public TimeProvider Time => Options.Time;

    /// <summary>Shows an assertion; what builds on it must be told by the answer.</summary>
    /// <returns>Whether it holds. False, too, where it is excluded.</returns>
    public async Task<bool> ShowAsync(Assertion assertion, Func<Probe, CancellationToken, Task> body, CancellationToken cancellationToken)
    {
        if (ExcludedBecause(assertion) is { } reason)
        {
            Record(Blank(assertion, Verdict.Excluded, reason));
            return false;
        }

        var finding = await RunAsync(assertion, body, cancellationToken);
        Record(finding);
        return finding.Verdict == Verdict.Passed;
    }

    /// <summary>Shows an assertion on which the rest of the sequence builds, and gives what it brought.</summary>
    /// <exception cref="SequenceStopped">It does not hold.</exception>
    public async Task<T> MustAsync<T>(Assertion assertion, Func<Probe, CancellationToken, Task<T>> body, CancellationToken cancellationToken)
    {
        T? result = default;
        var holds = await ShowAsync(assertion, async (probe, stop) => result = await body(probe, stop), cancellationToken);
        return holds ? result! : throw new SequenceStopped(assertion.Id);
    }

    public Task MustAsync(Assertion assertion, Func<Probe, CancellationToken, Task> body, CancellationToken cancellationToken) =>
        MustAsync<bool>(assertion, async (probe, stop) =>
        {
            await body(probe, stop);
            return true;
        }, cancellationToken);

    /// <summary>Runs sequences at once that do not need each other. One that stops leaves the others alone.</summary>
    public static async Task AtOnceAsync(params IReadOnlyList<Func<Task>> sequences) =>
        await Task.WhenAll(sequences.Select(async sequence =>
        {
            try
            {
                await sequence();
            }
            catch (SequenceStopped)
            {
                // What it did not come to is blocked by what stopped it.
            }
        }));

    /// <summary>Says that an assertion was not asked for, or is not allowed here.</summary>
    public void Exclude(Assertion assertion, string reason) => Record(Blank(assertion, Verdict.Excluded, reason));

    internal IReadOnlyCollection<Finding> Findings
    {
        get
        {
            lock (_gate) return [.. _findings.Values];
        }
    }

    /// <summary>What is not said yet becomes blocked or unknown.</summary>
    internal void Conclude(Func<Assertion, (Verdict Verdict, string Reason, string? BlockedBy)> verdictOf)
    {
        foreach (var assertion in Part.Assertions)
        {
            lock (_gate)
                if (_findings.ContainsKey(assertion.Id)) continue;
            if (ExcludedBecause(assertion) is { } excluded)
            {
                Record(Blank(assertion, Verdict.Excluded, excluded));
                continue;
            }

            var (verdict, reason, by) = verdictOf(assertion);
            Record(Blank(assertion, verdict, reason) with { BlockedBy = by });
        }
    }

    private async Task<Finding> RunAsync(Assertion assertion, Func<Probe, CancellationToken, Task> body, CancellationToken cancellationToken)
    {
        var probe = new Probe(assertion, Time, Options.Slack);
        var (startedAt, began) = (Time.GetUtcNow(), Time.GetTimestamp());
        using var limit = new CancellationTokenSource(assertion.Deadline * Options.Slack, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var before = Probe.Current;
        Probe.Current = probe;
        var (verdict, reason) = (Verdict.Passed, (string?)null);
        try
        {
            await body(probe, both.Token);
            probe.MeasureElapsed(Time.GetElapsedTime(began));
            if (!probe.HasShown) throw new InvalidOperationException("it has shown nothing");
        }
        catch (Exception e)
        {
            (verdict, reason) = Judge(e, assertion.Deadline * Options.Slack, cancellationToken);
        }
        finally
        {
            Probe.Current = before;
        }

        return new Finding(
            assertion.Id, assertion.Check, assertion.Statement, verdict, reason, null, probe.Measurement, Trim(probe.Evidence, verdict), startedAt, Time.GetUtcNow())
        {
            LoggedAs = verdict == Verdict.Failed ? probe.LoggedAs : null,
        };
    }

    private static (Verdict, string) Judge(Exception exception, TimeSpan deadline, CancellationToken cancellationToken) => exception switch
    {
        Refutation refutation => (Verdict.Failed, refutation.Message),
        NotJudged notJudged => (Verdict.Unknown, notJudged.Message),
        OperationCanceledException when cancellationToken.IsCancellationRequested => (Verdict.Unknown, "the run was stopped"),
        OperationCanceledException or TimeoutException => (Verdict.Failed, $"not within {deadline.TotalSeconds:0.#} s{(exception is TimeoutException ? $": {exception.Message}" : "")}"),
        ProtocolException refused => (Verdict.Failed, $"refused with {refused.Code}{(refused.Status is { } status ? $" (HTTP {status})" : "")}: {refused.Title}"),
        HttpRequestException or WebSocketException or SocketException or IOException or JsonException => (Verdict.Failed, exception.Message),
        SequenceStopped stopped => (Verdict.Failed, stopped.Message),
        _ => (Verdict.Crashed, $"the check itself failed: {exception.GetType().Name}: {exception.Message} {FirstOwnFrame(exception)}"),
    };

    private static string? FirstOwnFrame(Exception exception) =>
        exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Throughline.", StringComparison.Ordinal))?.Trim();

    /// <summary>Of what held, the beginning and the end suffice.</summary>
    private static IReadOnlyList<EvidenceItem> Trim(IReadOnlyList<EvidenceItem> evidence, Verdict verdict) =>
        verdict == Verdict.Passed && evidence.Count > 4 ? [.. evidence.Take(2), .. evidence.TakeLast(2)] : evidence;

    private string? ExcludedBecause(Assertion assertion) =>
        Options.IsWanted(assertion) ? Part.Stack == StackRole.None ? null : System?.Lacks(assertion.Needs) : "not asked for (--only)";

    private static Finding Blank(Assertion assertion, Verdict verdict, string reason) =>
        new(assertion.Id, assertion.Check, assertion.Statement, verdict, reason, null, null, [], null, null);

    private void Record(Finding finding)
    {
        if (!_assertions.ContainsKey(finding.Id)) throw new InvalidOperationException($"{finding.Id} is not declared by {Part.GetType().Name}.");
        lock (_gate)
        {
            if (!_findings.TryAdd(finding.Id, finding)) throw new InvalidOperationException($"{finding.Id} was said twice.");
        }

        _found(finding);
    }
}
