using System.Diagnostics;
using System.Globalization;

namespace Throughline.Bench.Sockets.Servers;

/// <summary>A server in processes of its own.</summary>
/// <param name="pids">The one with the sockets first, then what it needs beside itself.</param>
internal sealed class BenchServer(string kind, Uri url, ControlLine control, IReadOnlyList<int> pids, Func<ValueTask> stop) : IAsyncDisposable
{
    public string Kind => kind;

    public Uri Url => url;

    /// <summary>Starts a server; Throughline with the settings, the others by themselves.</summary>
    public static async Task<BenchServer> StartAsync(string kind, IReadOnlyDictionary<string, string>? settings = null, bool resumes = false)
    {
        if (kind == "throughline") return await ThroughlineServer.StartAsync(settings ?? new Dictionary<string, string>());
        var control = new ControlLine();
        var start = kind == "socketio"
            ? new ProcessStartInfo("node", ["--expose-gc", Path.Combine(AppContext.BaseDirectory, "Peers", "socketio.js")])
            : new ProcessStartInfo(Environment.ProcessPath!, ["serve", kind]);
        start.Environment[Peers.PeerControl.Setting] = control.Path;
        start.Environment[Members.SecretSetting] = Members.Secret;
        if (kind == "socketio") start.Environment["NODE_PATH"] = await SocketIoFolder.FindAsync() ?? throw new InvalidOperationException("Socket.IO is not there.");
        if (resumes) start.Environment["THROUGHLINE_BENCH_RECOVERY"] = "1";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{kind} did not start.");
        return new BenchServer(kind, await control.AcceptAsync(), control, [process.Id], async () =>
        {
            if (!process.WaitForExit(TimeSpan.FromSeconds(10))) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        });
    }

    public Task PrepareAsync(int streams) => AskAsync($"prepare {streams}");

    /// <summary>One event to each of these streams.</summary>
    public Task RoundAsync(int first, int end, int step = 1) => control.TellAsync(string.Create(CultureInfo.InvariantCulture, $"round {first} {end} {step}"));

    public Task<string> AskAsync(string command) => control.AskAsync(command);

    public async Task<double> NumberAsync(string command) => double.Parse(await AskAsync(command), CultureInfo.InvariantCulture);

    /// <summary>Of all its processes, since they started.</summary>
    public double CpuSeconds() => pids.Sum(pid => Cpu.SecondsOf(pid));

    /// <summary>Resident bytes of the process with the sockets, after a collection.</summary>
    public async Task<long> MemoryAsync()
    {
        await AskAsync("collect");
        using var process = Process.GetProcessById(pids[0]);
        return process.WorkingSet64;
    }

    public async ValueTask DisposeAsync()
    {
        control.Dispose();
        await stop();
    }
}

internal static class Cpu
{
    public static double SecondsOf(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Of this process, the load client.</summary>
    public static double Own() => SecondsOf(Environment.ProcessId);
}
