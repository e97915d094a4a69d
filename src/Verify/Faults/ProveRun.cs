namespace Throughline.Verify.Faults;

/// <summary>Runs faults in turn on one kind of stack; a stack that cannot be put back is replaced.</summary>
internal sealed class ProveRun(
    VerifyOptions options, UndoJournal journal, bool hasSharedSecret, IReadOnlyList<Fault> faults, IProveProgress progress, List<FaultResult> results, List<BaselineResult> baselines, HashSet<string> unsteady)
{
    private static readonly TimeSpan OracleWithin = TimeSpan.FromSeconds(15);
    private Rig? _rig;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var fault in faults)
            {
                _rig ??= await StartAsync(cancellationToken);
                progress.Phase($"{fault.Name}: {fault.Sentence}");
                var result = await TryAsync(fault, cancellationToken);
                results.Add(result);
                progress.Done(result);
                if (result.IsRestored) continue;
                await _rig.DisposeAsync();
                _rig = null;
            }
        }
        finally
        {
            if (_rig is not null) await _rig.DisposeAsync();
        }
    }

    /// <summary>A stack whose checks are green before anything is broken.</summary>
    private async Task<Rig> StartAsync(CancellationToken cancellationToken)
    {
        progress.Phase($"starting a throw-away stack{(hasSharedSecret ? " that signs with a shared secret" : "")}");
        var settings = new StackSettings { SharedSecret = hasSharedSecret ? Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)) : null };
        var rig = await Rig.StartAsync(options, journal, settings, cancellationToken);
        try
        {
            await rig.SettleAsync(cancellationToken);
            var left = faults.Where(f => results.All(r => r.Name != f.Name));
            var checks = left.SelectMany(f => f.Checks).Distinct().Order().ToList();
            progress.Phase($"baseline: checks {string.Join(", ", checks)}");
            var baseline = await BaselineAsync(rig, checks, cancellationToken);
            if (!IsGreen(baseline)) baseline = await BaselineAsync(rig, checks, cancellationToken); // once may be chance, and is told
            foreach (var id in NotGreen(baseline)) unsteady.Add(id);
            // Without a journey nothing can be shown; what else fails before anything is broken is left out, and told.
            if (baseline.StartFailure is not null || baseline.Findings.Any(f => f.Verdict != Verdict.Passed && options.Graph.Steps.Any(s => s.Gate.Contains(f.Id)) && f.Verdict != Verdict.Excluded)) throw new BaselineException(baseline);
            if (unsteady.Count > 0) progress.Phase($"not judged, for it failed before anything was broken: {string.Join(", ", unsteady.Order())}");
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    private async Task<VerifyResult> BaselineAsync(Rig rig, IReadOnlyList<int> checks, CancellationToken cancellationToken)
    {
        var baseline = await VerifyAsync(rig, checks, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested(); // a run that was stopped says nothing
        baselines.Add(new BaselineResult($"baseline-{baselines.Count + 1}", [.. NotGreen(baseline)], baseline));
        return baseline;
    }

    private async Task<FaultResult> TryAsync(Fault fault, CancellationToken cancellationToken)
    {
        var (at, began) = (options.Time.GetUtcNow(), options.Time.GetTimestamp());
        var (verdict, fix, outcome, note) = ((VerifyResult?)null, (FixResult?)null, FaultOutcome.Void, (string?)null);
        try
        {
            verdict = await InjectAsync(fault, cancellationToken);
            outcome = verdict is null ? FaultOutcome.Inert : Judge(fault, verdict);
            if (verdict is not null && fault.AlsoWrong?.Invoke(verdict) is { } wrong) (outcome, note) = (FaultOutcome.Misnamed, wrong);
            if (verdict is not null && !fault.IsAtStart && !fault.IsControl) fix = await FixAsync(verdict, cancellationToken);
        }
        catch (Exception e) when (e is FaultFailed or Refutation or HttpRequestException or IOException or System.Net.WebSockets.WebSocketException)
        {
            note = e.Message;
        }

        var (isRestored, after, why) = await RestoreAsync(fault, outcome != FaultOutcome.Void, cancellationToken);
        var failed = verdict?.Findings.Where(f => f.Verdict == Verdict.Failed).OrderBy(f => f.EndedAt).ToList() ?? [];
        return new FaultResult(
            fault.Name, fault.Family, fault.Sentence, fault.Expected, outcome, [.. failed.Select(f => f.Check).Distinct()], failed.GroupBy(f => f.Check).ToDictionary(g => g.Key, g => g.First().Id),
            verdict?.Causes ?? [], fix, isRestored, after, Math.Round(options.Time.GetElapsedTime(began).TotalMilliseconds), MachineNote.Load(), at, note ?? why, verdict);
    }

    /// <returns>The verdict while it is there; null where the oracle sees no effect.</returns>
    private async Task<VerifyResult?> InjectAsync(Fault fault, CancellationToken cancellationToken)
    {
        var rig = _rig!;
        if (fault.IsAtStart) return await StartBrokenAsync(rig, fault, cancellationToken);
        await fault.InjectAsync(rig, cancellationToken);
        if (!await IsThereAsync(rig, fault, wanted: true, cancellationToken)) return null;
        if (fault.IsControl) await rig.AdjustAsync(cancellationToken); // what harms nothing leaves all well, once everybody has followed it
        return await VerifyAsync(rig, fault.Checks, cancellationToken);
    }

    private async Task<VerifyResult?> StartBrokenAsync(Rig rig, Fault fault, CancellationToken cancellationToken)
    {
        await rig.StopStackAsync();
        await fault.InjectAsync(rig, cancellationToken);
        if (!await IsThereAsync(rig, fault, wanted: true, cancellationToken)) return null;
        await rig.StartStackAsync(fault.StartArguments, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60) * options.Slack);
        try
        {
            await rig.Stack.ReadyAsync(limit.Token);
        }
        catch (Refutation)
        {
            await rig.Stack.WaitForExitAsync(limit.Token);
            return Verification.NotStarted(rig.OptionsFor(fault.Checks), rig.Stack.DescribeEnd("up"));
        }

        return await VerifyAsync(rig, fault.Checks, cancellationToken); // it started all the same
    }

    private async Task<bool> IsThereAsync(Rig rig, Fault fault, bool wanted, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OracleWithin * options.Slack);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), options.Time);
        try
        {
            while (true)
            {
                try
                {
                    if (await fault.IsThereAsync(rig, limit.Token) == wanted) return true;
                }
                catch (Exception e) when (e is FaultFailed or Refutation or HttpRequestException or IOException or System.Text.Json.JsonException or System.Net.WebSockets.WebSocketException or TimeoutException)
                {
                    // It cannot be told yet. That it is gone is not shown by a question that fails.
                }

                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<(bool IsRestored, IReadOnlyList<string>? After, string? Why)> RestoreAsync(Fault fault, bool wasThere, CancellationToken cancellationToken)
    {
        try
        {
            await _rig!.RestoreAsync(cancellationToken);
            // A control changes nothing, so its being there or not shows nothing.
            if (wasThere && !fault.IsControl && !await IsThereAsync(_rig, fault, wanted: false, cancellationToken)) return (false, null, "the oracle still sees it after it was undone");
            var after = await VerifyAsync(_rig, fault.Checks, cancellationToken);
            var atFirst = NotGreen(after).ToList();
            if (!IsGreen(after)) after = await VerifyAsync(_rig, fault.Checks, cancellationToken);
            return IsGreen(after) ? (true, atFirst, null) : (false, atFirst, $"not green after it was undone: {string.Join("; ", Failures(after).Take(3))}");
        }
        catch (Exception e) when (e is FaultFailed or Refutation)
        {
            return (false, null, $"it could not be undone: {e.Message}");
        }
    }

    /// <summary>Runs the commands that the causes give, and looks whether a user can chat again.</summary>
    private async Task<FixResult?> FixAsync(VerifyResult verdict, CancellationToken cancellationToken)
    {
        var commands = verdict.Causes.Where(c => c.Component != "machine").Select(c => c.Fix).ToList();
        // Where one of them needs a person the others alone mend nothing.
        if (commands.Count == 0 || !commands.All(f => f.Argv is { Count: > 0 } argv && !argv.Contains($"{Environment.ProcessId}"))) return null;
        foreach (var fix in commands) Programs.Run(fix.Argv!);
        var text = string.Join("; ", commands.Select(f => f.Command));
        try
        {
            await _rig!.SettleAsync(cancellationToken);
        }
        catch (FaultFailed e)
        {
            return new FixResult(text, Works: false, e.Message);
        }

        var after = await VerifyAsync(_rig!, [2], cancellationToken);
        return IsGreen(after) ? new FixResult(text, Works: true) : new FixResult(text, Works: false, string.Join("; ", Failures(after).Take(3)));
    }

    private async Task<VerifyResult> VerifyAsync(Rig rig, IReadOnlyList<int> checks, CancellationToken cancellationToken)
    {
        var result = await Verification.RunAsync(rig.OptionsFor(checks), Silence.Instance, cancellationToken);
        return unsteady.Count == 0 ? result : Verification.Judge(
            result with { Findings = [.. result.Findings.Where(f => !unsteady.Contains(f.Id) && (f.BlockedBy is null || !unsteady.Contains(f.BlockedBy)))] }, options.Graph, options.Diagnosis);
    }

    private static bool IsGreen(VerifyResult result) => result.StartFailure is null && !NotGreen(result).Any();

    /// <summary>What failed, but for limits of time that a busy machine accounts for.</summary>
    private static IEnumerable<string> NotGreen(VerifyResult result)
    {
        var late = result.Causes.Where(c => c.Component == "machine").SelectMany(c => c.Explains).ToHashSet();
        return result.Findings.Where(f => f.Verdict is (Verdict.Failed or Verdict.Blocked or Verdict.Crashed) && !late.Contains(f.Id) && (f.BlockedBy is null || !late.Contains(f.BlockedBy))).Select(f => f.Id);
    }

    internal static IEnumerable<string> Failures(VerifyResult result) => result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Blocked or Verdict.Crashed).Select(f => $"{f.Id} ({f.Reason})");

    private static FaultOutcome Judge(Fault fault, VerifyResult verdict)
    {
        if (fault.IsControl) return IsGreen(verdict) ? FaultOutcome.Quiet : FaultOutcome.FalseAlarm;
        if (IsGreen(verdict)) return FaultOutcome.Missed;
        // That the machine is busy may be true beside anything.
        var named = verdict.Causes.Where(c => c.Component != "machine").ToList();
        var expected = fault.Expected!.Split(" + ");
        var confident = named.Where(c => c.Fault != Cause.Unknown).Select(c => c.Id).ToList();
        // A false cause beside the true one sends somebody to the wrong place all the same.
        if (confident.Any(id => !expected.Contains(id))) return FaultOutcome.Misnamed;
        return expected.All(confident.Contains) && expected.Contains(named[0].Id) ? FaultOutcome.Named : FaultOutcome.Unknown;
    }

    private sealed class Silence : IVerifyProgress
    {
        public static readonly Silence Instance = new();

        public void Phase(string what)
        {
        }

        public void Found(Finding finding)
        {
        }
    }
}

/// <summary>The checks are not green before anything is broken, so nothing can be shown.</summary>
public sealed class BaselineException(VerifyResult baseline) : Exception($"Before anything was broken these did not hold: {string.Join("; ", ProveRun.Failures(baseline).Take(5))}")
{
    public VerifyResult Baseline { get; } = baseline;
}
