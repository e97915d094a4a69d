using System.Diagnostics;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

/// <summary>Files that lead to a device on which there is never room: the kernel refuses with the same error as on a full disk.</summary>
public sealed class AFullDisk
{
    private const string Full = "/dev/full";

    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    [Fact]
    public async Task Ends_neither_the_launcher_nor_a_lease_and_a_service_that_dies_is_started_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = await StartedOnceAsync(stop);
        foreach (var service in Services) Lead(state.PathOf("logs", $"{service}.log"));

        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);
        var before = Services.ToDictionary(service => service, stack.RecordOf);
        foreach (var service in Services) Lead(DraftOf(state.PathOf(".service_discovery", $"{service}.json"), before[service].Pid));
        foreach (var service in Services)
            await Waiting.UntilAsync($"{service} renews its lease", () => state.ReadRecord(service) is { } now && now.LeaseExpiresAt > before[service].LeaseExpiresAt, stop);

        Lead(DraftOf(state.PathOf("launcher.json"), stack.Launcher.Pid));
        using (var backend = Process.GetProcessById(before["backend"].Pid)) backend.Kill();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var after = await state.WaitForRecordAsync("backend", record => record.Pid != before["backend"].Pid, limit.Token);
        await using var running = File.OpenRead(state.PathOf("launcher.json"));
        var noted = (await JsonDocument.ParseAsync(running, cancellationToken: stop)).RootElement.GetProperty("children").EnumerateArray().Single(child => child.GetProperty("name").GetString() == "backend");
        Assert.Equal(after.Pid, noted.GetProperty("pid").GetInt32());
        Assert.Equal(0, await stack.Launcher.StopAsync(stop));
    }

    [Fact]
    public async Task Keeps_no_stack_from_being_stopped()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);
        // Who may not write a byte is refused as on a full disk; without the setting the runtime would need some for its own code.
        await Machine.RunAsync("prlimit", ["--fsize=0", "env", "DOTNET_EnableWriteXorExecute=0", "dotnet", Artifacts.Program("Launcher"), "down", "--state", state.Root], stop);

        Assert.Equal(0, await stack.Launcher.WaitForExitAsync(stop));
    }

    [Fact]
    public async Task Is_told_in_the_log_once_there_is_room_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = await StartedOnceAsync(stop);
        // What is written there is lost, as on a disk that is full for a while; only that it was lost cannot be known before the next line.
        var log = state.PathOf("logs", "frontend.log");
        File.Delete(log);
        Directory.CreateDirectory(log);
        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);
        Directory.Delete(log);
        using (var frontend = Process.GetProcessById(stack.RecordOf("frontend").Pid)) frontend.Kill();
        await Waiting.UntilAsync("the log goes on", () => File.Exists(log) && File.ReadLines(log).Any(line => line.Contains("lines before this one could not be written here", StringComparison.Ordinal)), stop);
    }

    /// <summary>A state with all its folders and files, on which nothing runs.</summary>
    private static async Task<TestState> StartedOnceAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has such a device.");
        var state = new TestState();
        await using var stack = await LaunchedStack.StartAsync(state, [], null, cancellationToken);
        Assert.Equal(0, await stack.Launcher.StopAsync(cancellationToken));
        return state;
    }

    private static string DraftOf(string path, int pid) => $"{path}.{pid}.tmp";

    private static void Lead(string path)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, Full);
    }
}
