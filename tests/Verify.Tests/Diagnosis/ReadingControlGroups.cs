using Throughline.Testing;
using Throughline.Verify.Looks;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>Control groups of both kinds, as Linux lays them out in files.</summary>
public sealed class ReadingControlGroups : IDisposable
{
    private readonly TestState _state = new("throughline-groups");

    [Fact]
    public void Of_the_newer_kind_the_nearest_that_limits_counts()
    {
        Write("cgroup.controllers", "cpu memory pids");
        Write("pod/cpu.max", "50000 100000");
        Write("pod/cpu.stat", "usage_usec 77\nnr_periods 40\nnr_throttled 30\nthrottled_usec 5");
        Write("pod/memory.max", "67108864");
        Write("pod/memory.events", "low 0\noom 3\noom_kill 2");
        Write("pod/one/cpu.max", "max 100000");
        Write("pod/one/memory.max", "max");
        Write("pod/one/pids.max", "64");
        Write("pod/one/pids.events", "max 5");
        Write("pod/one/cgroup.events", "populated 1\nfrozen 1");

        var groups = ControlGroups.Read(["0::/pod/one"], _state.Root);

        Assert.Equal(new ControlGroups(_state.PathOf("pod"), _state.PathOf("pod"), _state.PathOf("pod", "one"), _state.PathOf("pod", "one")), groups);
        Assert.Equal((0.5, 64L << 20, 64L, (40L, 30L), 2L, 5L, true), (groups.Cores, groups.Bytes, groups.Most, groups.Periods, groups.Kills, groups.Refusals, groups.IsFrozen));
    }

    [Fact]
    public void Of_the_older_kind_each_controller_has_groups_of_its_own()
    {
        Write("cpu/a/cpu.cfs_quota_us", "150000");
        Write("cpu/a/cpu.cfs_period_us", "100000");
        Write("cpu/a/cpu.stat", "nr_periods 8\nnr_throttled 6\nthrottled_time 9");
        Write("memory/b/memory.limit_in_bytes", "1048576");
        Write("memory/b/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1");
        Write("pids/c/pids.max", "max");
        Write("freezer/d/freezer.state", "FROZEN");

        var groups = ControlGroups.Read(["9:name=systemd:/", "4:memory:/b", "3:cpu,cpuacct:/a", "2:pids:/c", "1:freezer:/d", "0::/"], _state.Root);

        Assert.Equal((1.5, 1L << 20, (long?)null, (8L, 6L), 1L, 0L, true), (groups.Cores, groups.Bytes, groups.Most, groups.Periods, groups.Kills, groups.Refusals, groups.IsFrozen));
    }

    [Fact]
    public void Without_limits_there_is_nothing_to_tell()
    {
        Write("cpu/cpu.cfs_quota_us", "-1");
        Write("memory/memory.limit_in_bytes", "9223372036854771712");

        var groups = ControlGroups.Read(["4:memory:/", "3:cpu:/"], _state.Root);

        Assert.Equal((null, null, null, 0L, false), (groups.Processor, groups.Memory, groups.Threads, groups.Kills, groups.IsFrozen));
    }

    [Fact]
    public void In_a_container_its_own_group_is_the_outermost()
    {
        Write("cgroup.controllers", "cpu");
        Write("cpu.max", "200000 100000");

        Assert.Equal(2, ControlGroups.Read(["0::/docker/1f/that/is/outside"], _state.Root).Cores);
    }

    [Fact]
    public void A_process_that_is_gone_is_in_none() => Assert.Null(ControlGroups.Of(int.MaxValue));

    public void Dispose() => _state.Dispose();

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_state.PathOf(path))!);
        File.WriteAllText(_state.PathOf(path), text + "\n");
    }
}
