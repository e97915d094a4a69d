using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Throughline.Verify.Faults;

/// <summary>Takes faults in turn, on one stack at a time: one that cannot be put back, or that the next fault needs otherwise, is replaced.</summary>
/// <param name="number">1 and up: other stacks may be broken beside this one.</param>
internal sealed class ProveRun(int number, ProveOptions prove, ProveTally tally, IProveProgress progress) : IAsyncDisposable
{
    private static readonly TimeSpan OracleWithin = TimeSpan.FromSeconds(15);
    private readonly VerifyOptions _options = prove.Verify;
    private readonly UndoJournal _journal = UndoJournal.Of(prove.Home, number);
    private Rig? _rig;

    /// <summary>Takes one after the other, until there is none left.</summary>
    /// <exception cref="BaselineException">Its stack is not well to begin with. What it had taken waits again.</exception>
    public async Task RunAsync(ConcurrentQueue<Fault> waiting, CancellationToken cancellationToken)
    {
        while (waiting.TryDequeue(out var fault))
        {
            try
            {
                await PrepareAsync(fault.NeedsSharedSecret, cancellationToken);
            }
            catch (BaselineException)
            {
                waiting.Enqueue(fault);
                throw;
            }

            progress.Phase($"{fault.Name}: {fault.Sentence}");
            var result = await TryAsync(fault, cancellationToken);
            tally.Add(result);
            progress.Done(result);
            if (!result.IsRestored) await DropAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _journal.UndoAll();
    }

    private async Task PrepareAsync(bool hasSharedSecret, CancellationToken cancellationToken)
    {
        if (_rig is not null && _rig.StartedWith.SharedSecret is not null != hasSharedSecret) await DropAsync();
        _rig ??= await StartAsync(hasSharedSecret, cancellationToken);
    }

    private async Task DropAsync()
    {
        if (_rig is not null) await _rig.DisposeAsync();
        _rig = null;
    }

    /// <summary>A stack whose checks are green before anything is broken.</summary>
    private async Task<Rig> StartAsync(bool hasSharedSecret, CancellationToken cancellationToken)
    {
        progress.Phase($"stack {number}: starting{(hasSharedSecret ? ", to sign with a shared secret" : "")}");
        var settings = new StackSettings { SharedSecret = hasSharedSecret ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) : null };
        var rig = await StartAsync(settings, cancellationToken);
        try
        {
            var checks = tally.ChecksLeft(hasSharedSecret);
            progress.Phase($"stack {number}: green before anything is broken? Checks {string.Join(", ", checks)}");
            var baseline = await BaselineAsync(rig, checks, cancellationToken);
            if (!IsGreen(baseline)) baseline = await BaselineAsync(rig, checks, cancellationToken); // once may be chance, and is told
            // Without a journey nothing can be shown; what else fails before anything is broken is left out, and told.
            if (baseline.StartFailure is not null || baseline.Findings.Any(f => f.Verdict != Verdict.Passed && _options.Graph.Steps.Any(s => s.Gate.Contains(f.Id)) && f.Verdict != Verdict.Excluded)) throw new BaselineException($"Before anything was broken these did not hold: {string.Join("; ", Failures(baseline).Take(5))}");
            tally.Distrust(NotGreen(baseline).Select(f => f.Id));
            if (tally.NotJudged is { Count: > 0 } notJudged) progress.Phase($"not judged, for it failed before anything was broken: {string.Join(", ", notJudged)}");
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    private async Task<Rig> StartAsync(StackSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await Rig.StartAsync(_options, _journal, settings, cancellationToken);
        }
        catch (Exception e) when (e is Refutation or FaultFailed)
        {
            throw new BaselineException($"Before anything was broken a stack did not start: {e.Message}", e);
        }
    }

    private async Task<VerifyResult> BaselineAsync(Rig rig, IReadOnlyList<int> checks, CancellationToken cancellationToken)
    {
        var baseline = await VerifyAsync(rig, checks, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested(); // a run that was stopped says nothing
        tally.AddBaseline([.. NotGreen(baseline).Select(f => f.Id)], baseline);
        return baseline;
    }

    private async Task<FaultResult> TryAsync(Fault fault, CancellationToken cancellationToken)
    {
        var (at, began) = (_options.Time.GetUtcNow(), _options.Time.GetTimestamp());
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
            verdict?.Causes ?? [], fix, isRestored, after, Math.Round(_options.Time.GetElapsedTime(began).TotalMilliseconds), MachineNote.Load(), at, note ?? why, verdict);
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
        limit.CancelAfter(TimeSpan.FromSeconds(60) * _options.Slack);
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
        limit.CancelAfter(OracleWithin * _options.Slack);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), _options.Time);
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
            List<string> atFirst = [.. NotGreen(after).Select(WithReason)];
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
        return tally.NotJudged is not { Count: > 0 } unsteady ? result : Verification.Judge(
            result with { Findings = [.. result.Findings.Where(f => !unsteady.Contains(f.Id) && (f.BlockedBy is null || !unsteady.Contains(f.BlockedBy)))] }, _options.Graph, _options.Diagnosis);
    }

    private static bool IsGreen(VerifyResult result) => result.StartFailure is null && !NotGreen(result).Any();

    /// <summary>What failed, but for limits of time that a busy machine accounts for.</summary>
    private static IEnumerable<Finding> NotGreen(VerifyResult result)
    {
        var late = result.Causes.Where(c => c.Component == "machine").SelectMany(c => c.Explains).ToHashSet();
        return result.Findings.Where(f => f.Verdict is (Verdict.Failed or Verdict.Blocked or Verdict.Crashed) && !late.Contains(f.Id) && (f.BlockedBy is null || !late.Contains(f.BlockedBy)));
    }

    private static IEnumerable<string> Failures(VerifyResult result) => result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Blocked or Verdict.Crashed).Select(WithReason);

    private static string WithReason(Finding finding) => $"{finding.Id} ({finding.Reason})";

    private static FaultOutcome Judge(Fault fault, VerifyResult verdict)
    {
        if (fault.IsControl) return IsGreen(verdict) ? FaultOutcome.Quiet : FaultOutcome.FalseAlarm;
        if (IsGreen(verdict)) return FaultOutcome.Missed;
        // That the machine is busy may be true beside anything.
        var named = verdict.Causes.Where(c => c.Component != "machine").ToList();
        var expected = fault.Expected!.Split(" + ");
        var confident = named.Where(c => c.Fault != Cause.Unknown).Select(c => c.Id).ToList();
        // A false cause beside the true one sends somebody to the wrong place all the same.
        if (confident.Any(id => !expected.Any(e => Names(e, id)))) return FaultOutcome.Misnamed;
        return expected.All(e => confident.Any(id => Names(e, id))) && expected.Any(e => Names(e, named[0].Id)) ? FaultOutcome.Named : FaultOutcome.Unknown;
    }

    private static bool Names(string expected, string id) => expected.Split('|').Contains(id);

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
public sealed class BaselineException(string message, Exception? inner = null) : Exception(message, inner);
