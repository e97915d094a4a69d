using System.Diagnostics;
using System.Runtime.InteropServices;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>
/// One running process of a service. It lives as long as the pipe to its standard input is open: closing the pipe asks it to stop,
/// and the end of this process, of whatever kind, closes it too.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process, DateTimeOffset startedAt)
    {
        _process = process;
        StartedAt = startedAt;
        Pid = process.Id;
    }

    public int Pid { get; }

    public DateTimeOffset StartedAt { get; }

    public static ChildProcess Start(ServiceSpec spec, int port, ServiceLog log)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetDirectoryName(spec.Program)!,
        };
        Address(start, spec.Program);
        foreach (var (key, value) in spec.Environment)
            start.Environment[key] = value;
        start.Environment["Listen__Port"] = $"{port}";
        start.Environment.Remove("ASPNETCORE_URLS"); // would fight with Listen
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{spec.Name} did not start.");
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, ProcessIdentity.StartOf(process.Id) ?? TimeProvider.System.GetUtcNow());

        void Take(string? line)
        {
            if (line is { Length: > 0 })
                log.Write(line);
        }
    }

    /// <returns>The exit code, after the last line of output.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks for an orderly stop, and ends the process where it does not come within <paramref name="patience"/>.</summary>
    /// <returns>Whether it stopped by itself.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            return false;
        }
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The program's own executable where there is one: process lists then say what it is.</summary>
    private static void Address(ProcessStartInfo start, string program)
    {
        var executable = OperatingSystem.IsWindows() ? Path.ChangeExtension(program, ".exe") : Path.ChangeExtension(program, null);
        if (File.Exists(executable))
        {
            start.FileName = executable;
            // shared/Microsoft.NETCore.App/10.0.0/ → the folder that the executable must look in
            start.Environment.TryAdd("DOTNET_ROOT", Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")));
        }
        else
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(program);
        }
    }
}
