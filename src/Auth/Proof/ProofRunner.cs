using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Throughline.Contracts;
using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Proof;

/// <summary>
/// Runs the launcher's <c>verify</c> on this stack, one at a time, in a process of its own, and follows what it says. The process ends when
/// its standard input does, and so with this service. It disrupts nothing: what kills or restarts something is left out on a running stack.
/// </summary>
internal sealed partial class ProofRunner(StateFolder state, IOptions<ProofOptions> options, TimeProvider time, ILogger<ProofRunner> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6); // verify's own limit is 4
    private const int ReportWritten = 5; // exit codes up to here come with a report, but for wrong usage

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _changed = Fresh();
    private ProofProgress _progress = new(0, false, null, []);
    private Task _run = Task.CompletedTask;

    public ProofProgress Progress
    {
        get { lock (_gate) return _progress; }
    }

    /// <param name="browser"><c>auto</c> or <c>off</c>: whether the journey is made in a browser, too.</param>
    /// <returns>False where one is at work.</returns>
    /// <exception cref="InvalidOperationException">Nobody has said how verify is started: see <see cref="CanRun"/>.</exception>
    public bool TryStart(string browser)
    {
        lock (_gate)
        {
            if (_progress.IsRunning) return false;
            Change(new ProofProgress(_progress.Seq, true, time.GetUtcNow(), []));
            _run = RunAsync(browser, _stopping.Token);
            return true;
        }
    }

    public bool CanRun => options.Value.Program is not null;

    /// <summary>Waits for a change after <paramref name="after"/>, but not for longer than <paramref name="patience"/>.</summary>
    public async Task<ProofProgress> WaitAsync(long after, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_gate)
        {
            if (_progress.Seq > after || patience == TimeSpan.Zero) return _progress;
            changed = _changed.Task;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            await changed.WaitAsync(patience, time, ending.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && _stopping.IsCancellationRequested))
        {
            // Nothing new: whoever waits comes again.
        }

        return Progress;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(string browser, CancellationToken stopping)
    {
        string? failure = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(Longest);
            failure = await FollowAsync(browser, limit.Token);
        }
        catch (OperationCanceledException)
        {
            failure = stopping.IsCancellationRequested ? "The service stopped before verify was done." : $"Verify was not done within {Longest.TotalMinutes:0} minutes, and was ended.";
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            Log.Failed(logger, e);
            failure = $"Verify did not run: {e.Message}";
        }
        finally
        {
            lock (_gate) Change(_progress with { IsRunning = false, Failure = failure, Phase = null });
        }
    }

    /// <returns>Why there is no report; null: there is one.</returns>
    private async Task<string?> FollowAsync(string browser, CancellationToken cancellationToken)
    {
        await Task.Yield(); // the caller holds the lock
        using var process = Process.Start(Command(browser)) ?? throw new IOException("the process did not start");
        try
        {
            var said = process.StandardError.ReadToEndAsync(cancellationToken);
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line) Take(line);
            await process.WaitForExitAsync(cancellationToken);
            var isDone = process.ExitCode is >= 0 and <= ReportWritten and not 2;
            Log.Ran(logger, process.ExitCode);
            return isDone && Progress.Checks.Count > 0 ? null : $"Verify left no report (exit code {process.ExitCode}). {LastLine(await said)}".TrimEnd();
        }
        finally
        {
            if (!process.HasExited) await EndAsync(process);
        }
    }

    /// <summary>Asks for an orderly stop first, so that the users which verify made are erased.</summary>
    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    private ProcessStartInfo Command(string browser)
    {
        var start = new ProcessStartInfo(options.Value.Program ?? throw new InvalidOperationException("Proof:Program is not set."))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        if (options.Value.Assembly is { } assembly) start.ArgumentList.Add(assembly);
        foreach (var argument in (ReadOnlySpan<string>)["verify", "--state", state.Root, "--progress", "json", "--browser", browser]) start.ArgumentList.Add(argument);
        // What this service was told is not for the programs that verify starts.
        foreach (var setting in start.Environment.Keys.Where(k => k.Contains("__", StringComparison.Ordinal)).ToList()) start.Environment.Remove(setting);
        start.Environment["Launcher__Lifeline"] = "stdin";
        return start;
    }

    private void Take(string text)
    {
        ProofLine? line;
        try
        {
            line = JsonSerializer.Deserialize(text, WireJson.Default.ProofLine);
        }
        catch (JsonException)
        {
            return; // not ours: a runtime's own word
        }

        if (line is null) return;
        lock (_gate)
        {
            if (line.Phase is { } phase) Change(_progress with { Phase = phase });
            if (line is not { Check: { } check, Assertion: { } assertion }) return;
            var failed = line.Verdict is "Failed" or "Crashed" ? 1 : 0;
            var before = _progress.Checks.FirstOrDefault(c => c.Check == check) ?? new ProofCheckProgress(check, 0, 0);
            Change(_progress with { Assertion = assertion, Checks = [.. _progress.Checks.Where(c => c.Check != check), before with { Judged = before.Judged + 1, Failed = before.Failed + failed }] });
        }
    }

    /// <summary>Call it under the lock.</summary>
    private void Change(ProofProgress progress)
    {
        _progress = progress with { Seq = _progress.Seq + 1 };
        Interlocked.Exchange(ref _changed, Fresh()).SetResult();
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Verify, run from the Proof page, ended with exit code {ExitCode}")]
        public static partial void Ran(ILogger logger, int exitCode);

        [LoggerMessage(2, LogLevel.Warning, "Verify could not be run from the Proof page")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
