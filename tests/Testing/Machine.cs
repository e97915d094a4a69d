using System.Diagnostics;
using Xunit;

namespace Throughline.Testing;

/// <summary>What this machine has. A missing dependency skips a test on a laptop and fails it in CI.</summary>
public static class Machine
{
    /// <summary>Full path of <paramref name="program"/> in PATH, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Full path of the first of <paramref name="programs"/> that is here; else skips, or fails where CI=true.</summary>
    public static string Require(string what, params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
            if ((Path.IsPathRooted(program) && File.Exists(program) ? program : Find(program)) is { } path)
                return path;

        var message = $"{what} is not installed on this machine.";
        if (IsCi)
            Assert.Fail(message + " CI needs it.");
        Assert.Skip(message);
        return "";
    }

    public static bool IsCi => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>A port that was free a moment ago, below the range that outgoing connections are given.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            try
            {
                using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Taken: try another.
            }
        }
    }

    /// <summary>Sends a process a signal: <c>STOP</c>, <c>CONT</c>.</summary>
    public static void Signal(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{pid}"]);
        kill.WaitForExit();
    }

    /// <summary>Runs a program to its end and returns what it printed; a non-zero exit code is an exception with its error output.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await error}");
    }
}
