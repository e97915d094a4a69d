using System.Collections.Concurrent;
using System.Diagnostics;

namespace Throughline.Testing;

/// <summary>A program of ours in a process of its own. It ends when its standard input does, and so at the latest with the test.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ExitWithin = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string>[] _next = [NewSignal()];

    private RunningProgram(Process process) => _process = process;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Everything it said, for a test's failure message.</summary>
    public string Transcript => string.Join('\n', _output.Concat(_errors));

    public static RunningProgram Start(string project, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [Artifacts.Program(project), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        start.Environment["Launcher__Lifeline"] = "stdin";
        start.Environment.Remove("ASPNETCORE_URLS");
        // All tests share this machine's address, and some of them ask as fast as they can.
        foreach (var limit in (string[])["PointsPerUser", "PointsPerAddress", "PointsOfAll", "SocketsPerAddress"])
            start.Environment[$"Limits__{limit}"] = "1000000";
        start.Environment["Limits__SocketsPerUser"] = "100000";
        foreach (var (key, value) in QuickestHash.Settings.Concat(environment ?? new Dictionary<string, string>()))
            start.Environment[key] = value;
        var program = new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{project} did not start."));
        program.Listen();
        return program;
    }

    /// <summary>Waits for the first line of standard output that satisfies <paramref name="isWanted"/>; fails with the transcript if the program ends before.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next[0]).Task;
            if (_output.FirstOrDefault(isWanted) is { } line)
                return line;
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellationToken); // until all its output is here
                return _output.FirstOrDefault(isWanted) ?? throw new InvalidOperationException($"The program ended with {ExitCode}:\n{Transcript}");
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <returns>The exit code, after all output.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(ExitWithin, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The program did not end within {ExitWithin.TotalSeconds} s:\n{Transcript}");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks for an orderly stop by closing its standard input.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        if (!_process.HasExited)
            _process.StandardInput.Close();
        return await WaitForExitAsync(cancellationToken);
    }

    /// <summary><c>kill -9</c>, of this process only.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopWithin);
        try
        {
            await StopAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The program did not stop within {StopWithin.TotalSeconds} s:\n{Transcript}");
        }
        finally
        {
            _process.Dispose();
        }
    }

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Listen()
    {
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => Signal();
        _process.OutputDataReceived += (_, e) => Take(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Take(_errors, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Take(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
        Signal();
    }

    private void Signal() => Interlocked.Exchange(ref _next[0], NewSignal()).TrySetResult("");
}
