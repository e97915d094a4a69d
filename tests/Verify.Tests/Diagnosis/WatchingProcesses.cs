using System.Diagnostics;
using System.Text.Json;
using Throughline.Testing;
using Throughline.Verify.Looks;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>A process that is stopped while checks run is noted, whatever becomes of it.</summary>
public sealed class WatchingProcesses : IDisposable
{
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(20);
    private readonly TestState _state = new("throughline-watch");
    private readonly Process _process = Process.Start("sleep", "600");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_stopped_and_goes_on_is_told_with_its_times()
    {
        await using var watch = Watch();
        var before = TimeProvider.System.GetUtcNow();
        Machine.Signal("STOP", _process.Id);
        await UntilAsync(() => watch.Pauses.Count == 1);
        Assert.Null(watch.Pauses[0].Ended);
        Machine.Signal("CONT", _process.Id);
        await UntilAsync(() => watch.Pauses[0].Ended is not null);

        var pause = Assert.Single(watch.Pauses);
        Assert.Equal(("backend", _process.Id), (pause.Service, pause.Pid));
        Assert.InRange(pause.At, before, pause.Ended!.Value);

        Machine.Signal("STOP", _process.Id);
        await UntilAsync(() => watch.Pauses.Count == 2);
    }

    [Fact]
    public async Task One_that_ends_while_it_is_stopped_is_stopped_no_more()
    {
        await using var watch = Watch();
        Machine.Signal("STOP", _process.Id);
        await UntilAsync(() => watch.Pauses.Count == 1);
        Machine.Signal("KILL", _process.Id);
        await UntilAsync(() => watch.Pauses[0].Ended is not null);
    }

    [Fact]
    public async Task What_a_group_kept_from_a_process_is_told_from_when_it_was_first_seen()
    {
        WriteGroup("cpu.max", "50000 100000");
        WriteGroup("memory.max", "67108864");
        WriteGroup("pids.max", "64");
        Count(periods: 100, heldBack: 90, kills: 7, refusals: 3);
        var looks = 0;
        await using var watch = Watch(_ =>
        {
            Interlocked.Increment(ref looks);
            return ControlGroups.Read(["0::/"], _state.PathOf("groups"));
        });
        await UntilAsync(() => Volatile.Read(ref looks) > 1);
        Assert.Empty(watch.Groups);

        Count(periods: 140, heldBack: 100, kills: 8, refusals: 5);
        Assert.Equal(
            [(GroupLook.Processor, 0.5, 0.25, null), (GroupLook.Memory, 67108864, null, 1), (GroupLook.Threads, 64, null, 2)],
            watch.Groups.Select(g => (g.Limit, g.Most, g.Share, g.Times)));
        Assert.All(watch.Groups, g => Assert.Equal(("backend", _process.Id), (g.Service, g.Pid)));
    }

    [Fact]
    public async Task One_whose_group_is_frozen_is_stopped()
    {
        WriteGroup("cgroup.events", "frozen 1");
        await using var watch = Watch(_ => ControlGroups.Read(["0::/"], _state.PathOf("groups")));
        await UntilAsync(() => watch.Pauses.Count == 1);
        Assert.Equal(GroupLook.Frozen, Assert.Single(watch.Groups).Limit);

        WriteGroup("cgroup.events", "frozen 0");
        await UntilAsync(() => watch.Pauses[0].Ended is not null);
        Assert.Empty(watch.Groups);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _state.Dispose();
    }

    private void Count(int periods, int heldBack, int kills, int refusals)
    {
        WriteGroup("cpu.stat", $"nr_periods {periods}\nnr_throttled {heldBack}");
        WriteGroup("memory.events", $"oom_kill {kills}");
        WriteGroup("pids.events", $"max {refusals}");
    }

    private void WriteGroup(string file, string text)
    {
        Directory.CreateDirectory(_state.PathOf("groups"));
        File.WriteAllText(_state.PathOf("groups", "cgroup.controllers"), "cpu memory pids");
        File.WriteAllText(_state.PathOf("groups", file), text);
    }

    private ProcessWatch Watch(Func<int, ControlGroups?>? groupsOf = null)
    {
        File.WriteAllText(
            _state.PathOf("launcher.json"),
            JsonSerializer.Serialize(new { children = new[] { new { name = "backend", pid = _process.Id, processStartedAt = TimeProvider.System.GetUtcNow() } } }));
        return new ProcessWatch(_state.Root, TimeProvider.System, groupsOf);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(NoticedWithin);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!isSo()) await timer.WaitForNextTickAsync(limit.Token);
    }
}
