using System.Text.Json;
using Throughline.ServiceDefaults;
using Throughline.Verify.Checks.Startup;

namespace Throughline.Verify.Looks;

/// <summary>Looks at a stack's processes while the checks run: one that was stopped or held back meanwhile may have gone on by the time that causes are looked for.</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<PauseLook> _pauses = [];
    private readonly Dictionary<(int Pid, ControlGroups Groups), (string Service, Counts Before)> _groups = [];
    private readonly string _stateRoot;
    private readonly TimeProvider _time;
    private readonly Func<int, ControlGroups?> _groupsOf;
    private readonly Task _running;

    /// <param name="stateRoot">Of the stack, on this machine.</param>
    /// <param name="groupsOf">Where a process's groups are read; the system's own by default.</param>
    public ProcessWatch(string stateRoot, TimeProvider time, Func<int, ControlGroups?>? groupsOf = null)
    {
        (_stateRoot, _time, _groupsOf) = (stateRoot, time, groupsOf ?? ControlGroups.Of);
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

    /// <summary>What held processes back since they were first seen.</summary>
    public IReadOnlyList<GroupLook> Groups
    {
        get
        {
            var now = _time.GetUtcNow();
            lock (_gate) return [.. _groups.SelectMany(g => Told(now, g.Value.Service, g.Key.Pid, g.Key.Groups, g.Value.Before))];
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

        var grouped = processes.Select(p => (p.Name, p.Pid, Groups: _groupsOf(p.Pid))).ToList();
        var stopped = grouped.Where(p => ProcessIdentity.StateOf(p.Pid) is "T" or "t" || p.Groups?.IsFrozen == true).ToList();
        lock (_gate)
        {
            foreach (var (name, pid, groups) in grouped)
                if (groups is not null && !_groups.ContainsKey((pid, groups))) _groups[(pid, groups)] = (name, Counts.Of(groups));
            for (var i = 0; i < _pauses.Count; i++)
                if (_pauses[i] is { Ended: null } pause && !stopped.Exists(p => p.Pid == pause.Pid)) _pauses[i] = pause with { Ended = _time.GetUtcNow() };
            foreach (var (name, pid, _) in stopped)
                if (!_pauses.Exists(p => p.Pid == pid && p.Ended is null)) _pauses.Add(new PauseLook(_time.GetUtcNow(), name, pid, null));
        }
    }

    private static IEnumerable<GroupLook> Told(DateTimeOffset at, string service, int pid, ControlGroups groups, Counts before)
    {
        var now = Counts.Of(groups);
        if (now.HeldBack > before.HeldBack)
            yield return new GroupLook(at, service, pid, ControlGroups.NameOf(groups.Processor!), GroupLook.Processor, groups.Cores, Share: (double)(now.HeldBack - before.HeldBack) / Math.Max(1, now.Periods - before.Periods));
        if (now.Kills > before.Kills)
            yield return new GroupLook(at, service, pid, ControlGroups.NameOf(groups.Memory!), GroupLook.Memory, groups.Bytes, Times: now.Kills - before.Kills);
        if (now.Refusals > before.Refusals)
            yield return new GroupLook(at, service, pid, ControlGroups.NameOf(groups.Threads!), GroupLook.Threads, groups.Most, Times: now.Refusals - before.Refusals);
        if (groups.IsFrozen)
            yield return new GroupLook(at, service, pid, ControlGroups.NameOf(groups.Freezer!), GroupLook.Frozen);
    }

    /// <summary>What the kernel has counted of a group so far.</summary>
    private readonly record struct Counts(long Periods, long HeldBack, long Kills, long Refusals)
    {
        public static Counts Of(ControlGroups groups)
        {
            var (all, heldBack) = groups.Periods;
            return new(all, heldBack, groups.Kills, groups.Refusals);
        }
    }
}
