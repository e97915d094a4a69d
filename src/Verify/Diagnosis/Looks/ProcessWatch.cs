using System.Text.Json;
using Throughline.ServiceDefaults;
using Throughline.Verify.Checks.Startup;

namespace Throughline.Verify.Looks;

/// <summary>Looks at a stack's processes while the checks run: one that was stopped meanwhile may have gone on by the time that causes are looked for.</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<PauseLook> _pauses = [];
    private readonly string _stateRoot;
    private readonly TimeProvider _time;
    private readonly Task _running;

    /// <param name="stateRoot">Of the stack, on this machine.</param>
    public ProcessWatch(string stateRoot, TimeProvider time)
    {
        (_stateRoot, _time) = (stateRoot, time);
        _running = RunAsync();
    }

    /// <summary>Times in which a process was stopped, as far as they are known.</summary>
    public IReadOnlyList<PauseLook> Pauses
    {
        get
        {
            lock (_gate) return [.. _pauses];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Between, _time);
        while (await timer.WaitForNextTickAsync(_stop.Token)) Look();
    }

    private void Look()
    {
        IReadOnlyList<(string Name, int Pid, DateTimeOffset)> processes;
        try
        {
            processes = StackProcesses.ChildrenOf(_stateRoot);
        }
        catch (Exception e) when (e is IOException or JsonException or Refutation or FormatException)
        {
            return; // the launcher is just writing
        }

        var stopped = processes.Where(p => ProcessIdentity.StateOf(p.Pid) is "T" or "t").ToList();
        lock (_gate)
        {
            for (var i = 0; i < _pauses.Count; i++)
                if (_pauses[i] is { Ended: null } pause && !stopped.Exists(p => p.Pid == pause.Pid)) _pauses[i] = pause with { Ended = _time.GetUtcNow() };
            foreach (var (name, pid, _) in stopped)
                if (!_pauses.Exists(p => p.Pid == pid && p.Ended is null)) _pauses.Add(new PauseLook(_time.GetUtcNow(), name, pid, null));
        }
    }
}
