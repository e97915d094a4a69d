namespace Throughline.Verify;

/// <summary>Runs the parts of all checks: at once what does not disturb each other, behind the steps that they need, and cleans up.</summary>
internal sealed class Runner(VerifyOptions options, IReadOnlyList<CheckPart> parts, Workshop workshop, Action<Finding> found)
{
    private readonly Gates _gates = new(options.Graph);
    private readonly List<Finding> _findings = [];
    private readonly Lock _gate = new();

    /// <param name="second">Starts the second system, where there is one: not before what is measured alone has been.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(Task<SystemUnderTest> main, Func<Task<SystemUnderTest>> second, CancellationToken cancellationToken)
    {
        var light = parts.Where(p => p.Stack == StackRole.Main && p is { Disrupts: false, IsHeavy: false }).ToList();
        // First the way to an answer, then what must be measured alone.
        await Task.WhenAll(light.Where(p => IsEarly(p) && !p.MeasuresAlone).Select(p => RunPartAsync(p, main, cancellationToken)));
        await InTurnAsync(light.Where(p => p.MeasuresAlone), main, cancellationToken);
        // Then all that does not disturb each other. What takes the whole machine comes in turn, and nothing is killed while somebody else needs it.
        var other = second();
        var quiet = AtOnceAsync(light.Where(p => !IsEarly(p) && !p.MeasuresAlone), main, cancellationToken);
        var heavy = HeavyAsync(quiet, main, cancellationToken);
        await Task.WhenAll(heavy, BesideAsync(quiet, heavy, other, cancellationToken));
        await InTurnAsync(parts.Where(p => p.Stack == StackRole.Main && p.Disrupts), main, cancellationToken);
        lock (_gate) return [.. _findings.OrderBy(OrderOf)];
    }

    /// <summary>Needs no more than that the services run.</summary>
    private bool IsEarly(CheckPart part) => part.RunsAtOnce || options.Graph.CheckOf(part.Check).Needs.All(need => options.Graph.Steps.First(s => s.Id == need).Needs.Count == 0);

    private async Task HeavyAsync(Task before, Task<SystemUnderTest> system, CancellationToken cancellationToken)
    {
        await before;
        Func<Task>[] rows =
        [
            () => InTurnAsync(parts.Where(p => p is { Stack: StackRole.Main, IsHeavy: true, Disrupts: false }), system, cancellationToken),
            () => InTurnAsync(parts.Where(p => p.Stack == StackRole.None), null, cancellationToken),
        ];
        // Each of them, and the second system beside them, could use two cores.
        await Parallel.ForEachAsync(rows, Few(Environment.ProcessorCount / 2), async (row, _) => await row());
    }

    /// <summary>What runs on the second system: first what only asks, then what kills. A target is its own second system, so there each waits for what must not be disturbed by it.</summary>
    private async Task BesideAsync(Task quiet, Task heavy, Task<SystemUnderTest> system, CancellationToken cancellationToken)
    {
        if (options.HasTarget) await quiet;
        var second = parts.Where(p => p.Stack == StackRole.Second).ToList();
        await AtOnceAsync(second.Where(p => !p.Disrupts), system, cancellationToken);
        if (options.HasTarget) await heavy;
        await InTurnAsync(second.Where(p => p.Disrupts), system, cancellationToken);
    }

    /// <summary>More at once than the machine can do would only make each of them late.</summary>
    private Task AtOnceAsync(IEnumerable<CheckPart> some, Task<SystemUnderTest> system, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        some, Few(Environment.ProcessorCount), async (part, _) => await RunPartAsync(part, system, cancellationToken));

    /// <remarks>Not cancelled: each part ends by itself when it is told to.</remarks>
    private static ParallelOptions Few(int atOnce) => new() { MaxDegreeOfParallelism = Math.Max(1, atOnce), CancellationToken = CancellationToken.None };

    private async Task InTurnAsync(IEnumerable<CheckPart> some, Task<SystemUnderTest>? system, CancellationToken cancellationToken)
    {
        foreach (var part in some) await RunPartAsync(part, system, cancellationToken);
    }

    private async Task RunPartAsync(CheckPart part, Task<SystemUnderTest>? system, CancellationToken cancellationToken)
    {
        var isWanted = part.Assertions.Any(options.IsWanted);
        var (target, notStarted) = isWanted && system is not null ? await TryStartAsync(system) : default;
        var run = new CheckRun(part, target, workshop, options, Note);
        if (notStarted is not null)
        {
            run.Conclude(_ => (Verdict.Blocked, notStarted, "start"));
            return;
        }

        if (!isWanted || (part.Disrupts && target is { MayDisrupt: false }) || (part.Stack == StackRole.None && options.HasTarget && !options.IsThrowAway))
        {
            foreach (var assertion in part.Assertions)
                run.Exclude(assertion, !isWanted ? "not asked for (--only)" : part.Disrupts ? "kills and restarts services; allow it with --disruptive" : "only on stacks that verify starts itself");
            return;
        }

        string? shut = null;
        if (part is { Stack: StackRole.Main, RunsAtOnce: false })
            shut = await _gates.WaitAsync(NeedsOf(part), cancellationToken);
        var (crash, stopped, unready) = await TryAsync(() => shut is null ? part.RunAsync(run, cancellationToken) : part.RunAloneAsync(run, cancellationToken), cancellationToken);
        run.Conclude(assertion => crash is not null
            ? (Verdict.Crashed, crash, null)
            : unready is not null ? (Verdict.Blocked, $"it could not be prepared: {unready}", "preparation")
            : shut is not null ? (Verdict.Blocked, $"{StepName(shut)} does not work", shut)
            : stopped is not null ? Because(run, stopped)
            : run.Findings.FirstOrDefault(f => f.Verdict == Verdict.Failed) is { } failed ? (Verdict.Blocked, $"{failed.Id} failed before", failed.Id)
            : (Verdict.Unknown, cancellationToken.IsCancellationRequested ? "the run was stopped" : "it was not come to", null));
    }

    private static async Task<(SystemUnderTest? System, string? NotStarted)> TryStartAsync(Task<SystemUnderTest> system)
    {
        try
        {
            return (await system, null);
        }
        catch (Exception e) when (e is Refutation or OperationCanceledException)
        {
            return (null, e is OperationCanceledException ? "its stack was not ready in time" : e.Message);
        }
    }

    /// <summary>What follows something that was excluded is excluded; what follows a failure is blocked.</summary>
    private static (Verdict, string, string?) Because(CheckRun run, string assertion)
    {
        var before = run.Findings.FirstOrDefault(f => f.Id == assertion);
        return before?.Verdict switch
        {
            Verdict.Excluded => (Verdict.Excluded, before.Reason ?? "", null),
            Verdict.Unknown or Verdict.Crashed => (Verdict.Unknown, $"{assertion} could not be judged before", null),
            _ => (Verdict.Blocked, $"{assertion} failed before", assertion),
        };
    }

    private static async Task<(string? Crash, string? Stopped, string? Unready)> TryAsync(Func<Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run();
            return default;
        }
        catch (SequenceStopped stopped)
        {
            return (null, stopped.Assertion, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return default;
        }
        catch (Exception e) when (e is Refutation or HttpRequestException or System.Net.WebSockets.WebSocketException or IOException or TimeoutException or OperationCanceledException)
        {
            return (null, null, e.Message);
        }
        catch (Exception e) // a bug of the check ends this check, not the others
        {
            return ($"the check itself failed: {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}", null, null);
        }
    }

    private IReadOnlyList<string> NeedsOf(CheckPart part) => options.Graph.CheckOf(part.Check).Needs;

    private string StepName(string id) => options.Graph.Steps.First(s => s.Id == id).Name;

    private int OrderOf(Finding finding)
    {
        var index = 0;
        foreach (var part in parts)
            foreach (var assertion in part.Assertions)
            {
                if (assertion.Id == finding.Id) return options.Graph.CheckOf(part.Check).Number * 10_000 + index;
                index++;
            }

        return int.MaxValue;
    }

    private void Note(Finding finding)
    {
        lock (_gate) _findings.Add(finding);
        _gates.Note(finding);
        found(finding);
    }
}
