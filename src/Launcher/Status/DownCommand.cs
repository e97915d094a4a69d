using System.CommandLine;
using System.Diagnostics;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Status;

/// <summary><c>throughline down</c>: stops the stack that runs on a state, wherever it was started.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // the launcher's own limit is 15 s

    public static Command Create()
    {
        var command = new Command("down", "Stop the stack that runs on this state.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var state = StateDirectory.At(parsed.GetValue(CommandLine.State)!);
        if (StateLock.ReadRunning(state) is not { } running)
        {
            Console.WriteLine($"Nothing runs on {state.Root}.");
            return ExitCode.Stopped;
        }

        try
        {
            StopRequest.Write(state, running.Run);
        }
        catch (IOException e)
        {
            throw new LauncherException(ExitCode.Other, $"The request to stop cannot be written: {e.Message}", $"Make room on the disk, or ask the launcher itself: kill -TERM {running.Pid}");
        }

        var began = time.GetTimestamp();
        while (ProcessIdentity.IsAlive(running.Pid, running.ProcessStartedAt))
        {
            if (time.GetElapsedTime(began) > Patience)
            {
                // Its children end with it.
                using var process = Process.GetProcessById(running.Pid);
                process.Kill();
                throw new LauncherException(
                    ExitCode.Other, $"The launcher (process {running.Pid}) did not stop within {Patience.TotalSeconds:0} s and was ended.",
                    $"Its services end by themselves; their logs are in {state.PathOf("logs")}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }

        Console.WriteLine("Stopped.");
        return ExitCode.Stopped;
    }
}
