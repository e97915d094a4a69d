using System.Diagnostics;
using System.Text.Json;

namespace Throughline.Verify;

/// <summary>A run of <c>throughline up --json</c> that verify started, on a state folder that nobody else uses.</summary>
internal sealed class OwnStack : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(JsonElement Event, DateTimeOffset At)> _events = [];
    private bool _isDisposed;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OwnStack(Process process, string state, TimeProvider time)
    {
        (_process, State, _time) = (process, state, time);
        StartedAt = time.GetUtcNow();
    }

    public string State { get; }

    public DateTimeOffset StartedAt { get; }

    public int Pid => _process.Id;

    public bool HasExited => _isDisposed || _process.HasExited;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>What it told, one JSON object a line: <c>service</c>, <c>ready</c>, <c>failed</c>, <c>stopped</c>.</summary>
    public IReadOnlyList<(JsonElement Event, DateTimeOffset At)> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    public static OwnStack Start(
        LauncherProgram launcher, string state, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, TimeProvider time)
    {
        var start = new ProcessStartInfo(launcher.FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var argument in (IEnumerable<string>)[.. launcher.Arguments, "up", "--state", state, "--no-open", "--json", .. arguments]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        // Its standard input ends with this process, and it with that: nothing is left behind, whatever ends verify.
        start.Environment["Launcher__Lifeline"] = "stdin";
        start.Environment.Remove("THROUGHLINE_DETACHED");
        var process = Process.Start(start) ?? throw new InvalidOperationException("The launcher did not start.");
        var stack = new OwnStack(process, state, time);
        process.OutputDataReceived += (_, e) => stack.Take(e.Data);
        process.ErrorDataReceived += (_, e) => stack.Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return stack;
    }

    /// <summary>The first event that satisfies the condition, from the beginning.</summary>
    /// <exception cref="Refutation">The launcher ended before.</exception>
    public async Task<JsonElement> UntilAsync(string what, Func<JsonElement, bool> isWanted, CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _next.Task;
                foreach (var (e, _) in _events)
                    if (isWanted(e)) return e;
            }

            if (ended.IsCompletedSuccessfully)
            {
                NoteEnd("up");
                throw new Refutation($"the launcher ended with exit code {_process.ExitCode} before {what}: {Lines.LastOrDefault(l => l.Length > 0)}");
            }

            await Task.WhenAny(next, ended).WaitAsync(cancellationToken);
        }
    }

    public Task<JsonElement> ReadyAsync(CancellationToken cancellationToken) => UntilAsync("all was ready", e => e.FindText("event") == "ready", cancellationToken);

    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks for an orderly stop.</summary>
    public void AskToStop() => _process.StandardInput.Close();

    public void Kill() => _process.Kill();

    /// <summary>Notes the command and how it ended as evidence.</summary>
    public void NoteEnd(string command) => Probe.Current?.Add(DescribeEnd(command));

    /// <summary>The command, and how it ended if it has.</summary>
    public CommandRun DescribeEnd(string command) => new(
        StartedAt, $"throughline {command}", _process.HasExited ? _process.ExitCode : null, Math.Round((_time.GetUtcNow() - StartedAt).TotalMilliseconds), [.. Lines.TakeLast(20)]);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        if (!_process.HasExited)
        {
            try
            {
                AskToStop();
                using var limit = new CancellationTokenSource(StopWithin);
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
            {
                if (!_process.HasExited) _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            _lines.Add(line);
            if (line.StartsWith('{'))
            {
                try
                {
                    _events.Add((JsonElement.Parse(line), _time.GetUtcNow()));
                }
                catch (JsonException)
                {
                    // Not an event; the line is kept.
                }
            }

            _next.TrySetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
