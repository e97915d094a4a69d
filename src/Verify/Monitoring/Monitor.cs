using System.Globalization;
using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Monitoring;

/// <summary><c>verify --every</c>: runs again and again until it is stopped, and tells of every change of state.</summary>
/// <param name="run">One run, whose report is kept by whoever makes it; null where it did not come about, which is then said there.</param>
/// <param name="webhook">Null: changes are told on the console alone.</param>
/// <param name="link">Address of the Proof page, where it is known at that moment.</param>
public sealed class Monitor(Func<CancellationToken, Task<VerifyResult?>> run, KeptReports kept, Webhook? webhook, Func<string?> link, TextWriter console, TimeProvider time)
{
    private ProofState? _told;

    /// <summary>Begins every run <paramref name="period"/> after the one before began, or at once where that took longer.</summary>
    public async Task RunAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        _told = LastKept();
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                if (await run(cancellationToken) is { } result) await LookAsync(result, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how a monitor ends.
        }
    }

    private async Task LookAsync(VerifyResult result, CancellationToken cancellationToken)
    {
        var after = ProofReport.StateOf(result.ExitCode);
        var hasChanged = _told is { } before ? before != after : after != ProofState.Working; // a first run that works is no news
        await SayAsync($"{Word(after)}{(hasChanged && _told is { } was ? $", was {Word(was)}" : "")}{(StateChange.FirstFailureOf(result) is { } first ? $": {first.Assertion} {first.Reason}" : "")}");
        if (!hasChanged || webhook is null)
        {
            _told = after;
            return;
        }

        var change = StateChange.Of(result, _told, after, link());
        // What was not told is still news after the next run.
        if (await webhook.PostAsync(change, cancellationToken) is { } failure) await SayAsync($"The webhook was not told: {failure}. It is tried again after the next run.");
        else _told = after;
    }

    /// <summary>What a monitor before this one knew last. Reports that are damaged are said and passed over.</summary>
    private ProofState? LastKept()
    {
        var reports = kept.Read();
        foreach (var damaged in reports.Where(r => r.Document is null)) console.WriteLine($"{damaged.Path} is damaged and passed over.");
        return reports.Select(r => r.Document).OfType<ProofDocument>().FirstOrDefault()?.Result.State;
    }

    private Task SayAsync(string what) => console.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z  {what}"));

    private static string Word(ProofState state) => state.ToString().ToUpperInvariant();
}
