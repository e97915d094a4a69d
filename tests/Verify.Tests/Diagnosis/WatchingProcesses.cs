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

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _state.Dispose();
    }

    private ProcessWatch Watch()
    {
        File.WriteAllText(
            _state.PathOf("launcher.json"),
            JsonSerializer.Serialize(new { children = new[] { new { name = "backend", pid = _process.Id, processStartedAt = TimeProvider.System.GetUtcNow() } } }));
        return new ProcessWatch(_state.Root, TimeProvider.System);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(NoticedWithin);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!isSo()) await timer.WaitForNextTickAsync(limit.Token);
    }
}
