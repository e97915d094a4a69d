using Spectre.Console;
using Throughline.ServiceDefaults;
using Throughline.Verify;
using Throughline.Verify.Reports;

namespace Throughline.Launcher.Verify;

/// <summary>One run, or several taken as one, and what is left of it: reports, history, the kept report.</summary>
internal sealed class VerifyRun(VerifyOptions options, int repeat, ReportFormats formats, ReportFolder folder, bool tellsPrograms, string? stateRoot)
{
    /// <summary>The window in which auth counts sign-ups: there is room in one for those of one run.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <param name="isKept">Whether the report is one of those that the Proof page shows.</param>
    /// <returns>Null where another run is at work on the state folder.</returns>
    public async Task<VerifyResult?> RunAsync(bool isKept, CancellationToken cancellationToken)
    {
        using var running = options.StateRoot is { } root ? RunLock.TryTake(root) : null;
        if (options.StateRoot is not null && running is null)
        {
            await Console.Error.WriteLineAsync($"Another verify runs on {options.StateRoot}: this one is left out, for two would take each other for slowness.");
            return null;
        }

        var result = await VerifyAsync(running, cancellationToken);
        var history = folder.History;
        var context = new ReportContext(options.Graph, [.. history.Read().TakeLast(History.Shown)], Proofs(history));
        if (folder.KeepsHistory) TryWrite("history", () => history.Add(History.EntryOf(result)));
        if (isKept && folder.KeepsHistory && options.HasTarget)
            TryWrite("report for the Proof page", () => folder.Kept.Keep(result.Id, result.StartedAt, new JsonReport().Write(result, context)));
        var isWhole = true;
        foreach (var writer in formats.Files)
        {
            isWhole &= TryWrite(writer.FileName, () =>
            {
                var path = folder.PathOf(writer.FileName);
                File.WriteAllText(path, writer.Write(result, context));
                Console.Error.WriteLine($"Wrote {path}");
            });
        }

        // Who asked for a report and has none shall not take all for well.
        if (!isWhole && result.ExitCode == VerifyExit.Working) result = result with { ExitCode = VerifyExit.Crashed };
        if (formats.IsForConsole && !tellsPrograms) ConsoleReport.Write(result, AnsiConsole.Console);
        return result;
    }

    /// <summary>What was found is told, though its files may find no room: a full disk is one of the things that verify is there to name.</summary>
    /// <returns>Whether it could be written.</returns>
    private static bool TryWrite(string what, Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The {what} of this run could not be written: {e.Message.TrimEnd('.')}. Make room, or name another folder with --out.");
            return false;
        }
    }

    /// <summary>Address of the Proof page, where the system is there to tell it.</summary>
    public string? ProofPage() =>
        options.Origin is { } origin ? new Uri(origin, "/proof").AbsoluteUri
        : stateRoot is not null && DiscoveryFiles.Read(stateRoot, "frontend").FirstOrDefault() is { } record ? new Uri(FrontendPages.At(new(record.ApiUrl)), "/proof").AbsoluteUri
        : null;

    private async Task<VerifyResult> VerifyAsync(RunLock? running, CancellationToken cancellationToken)
    {
        var results = new List<VerifyResult>();
        var lastEnd = running?.LastEnd;
        for (var i = 0; i < Math.Max(1, repeat) && (i == 0 || !cancellationToken.IsCancellationRequested); i++)
        {
            if (options.HasTarget && lastEnd is { } ended) await RestAsync(ended, cancellationToken);
            await using var lines = tellsPrograms ? null : new LiveProgress(AnsiConsole.Console, options.Time);
            results.Add(await Verification.RunAsync(options, lines ?? (IVerifyProgress)new JsonProgress(Console.Out), cancellationToken));
            if (options.Only.Count > 0) continue;
            lastEnd = options.Time.GetUtcNow();
            if (running is not null) TryWrite("end", () => running.NoteEnd(lastEnd.Value));
        }

        cancellationToken.ThrowIfCancellationRequested(); // what was cut short says nothing of the system
        return Repetition.Merge(options.Graph, options.Diagnosis, results);
    }

    /// <summary>Until the users of the last run no longer count against the limit of sign-ups, or those of this one would be refused for no fault.</summary>
    private async Task RestAsync(DateTimeOffset lastEnd, CancellationToken cancellationToken)
    {
        var rest = lastEnd + Rest - options.Time.GetUtcNow();
        if (rest <= TimeSpan.Zero || rest > Rest) return; // long over, or the clock was set back
        await Console.Error.WriteLineAsync($"Waits {Math.Ceiling(rest.TotalSeconds):0} s: a run ended just now, and the limit of sign-ups has room for one a minute.");
        await Task.Delay(rest, options.Time, cancellationToken);
    }

    /// <summary>When each check was last seen to fail: for a fault of prove's, else by itself.</summary>
    private static Dictionary<string, SeenFailing> Proofs(History history)
    {
        var last = new Dictionary<string, SeenFailing>(History.LastFailures(history.Read()));
        foreach (var (check, seen) in new ProofFile(ProofFile.Home).Read()) last[check] = seen;
        return last;
    }
}
