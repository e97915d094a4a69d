using System.CommandLine;
using Spectre.Console;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Up;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Doctor;

/// <summary><c>throughline doctor</c>: what is wrong with this machine or configuration, and how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Say what is wrong with this machine or configuration, and how to mend it.") { UpCommand.Postgres, UpCommand.Redis };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var findings = await LookAsync(parsed, cancellationToken);
        foreach (var finding in findings)
        {
            var (mark, colour) = finding.Verdict switch
            {
                Verdict.Good => ("ok  ", "green"),
                Verdict.Warning => ("note", "yellow"),
                Verdict.Bad => ("BAD ", "red"),
            };
            AnsiConsole.Markup($"[{colour}]{mark}[/] ");
            Console.WriteLine($"{finding.Subject}: {finding.Text}");
            if (finding.Remedy is not null)
                Console.WriteLine($"     → {finding.Remedy}");
        }

        return findings.FirstOrDefault(f => f.Verdict == Verdict.Bad)?.ExitCode ?? ExitCode.Stopped;
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var state = StateDirectory.Read(parsed.GetValue(CommandLine.State)!);
        var isRunning = StateLock.ReadRunning(state) is not null;
        var own = isRunning
            ? Status.StatusReader.Services.SelectMany(s => DiscoveryFiles.Read(state.Root, s)).Select(r => r.Port).ToHashSet()
            : [];
        List<Finding> findings =
        [
            MachineChecks.Runtime(), .. MachineChecks.Programs(), MachineChecks.Disk(state.Root), .. MachineChecks.Ports(own),
            .. StateChecks.Folder(state), .. StateChecks.MasterKey(state), .. await StateChecks.RecordsAsync(state, TimeProvider.System, cancellationToken),
            await DependencyChecks.ModelAsync(cancellationToken),
        ];
        // A stack that runs was told what it was told; its own readiness speaks for it.
        if (!isRunning)
        {
            findings.AddRange(LastStarts.Read(state));
            findings.AddRange(new SettingChecks(
                state, new StackOptions(state.Root, Postgres: parsed.GetValue(UpCommand.Postgres), Redis: parsed.GetValue(UpCommand.Redis))).Look());
        }

        if (parsed.GetValue(UpCommand.Postgres) is { } postgres)
            findings.Add(await DependencyChecks.PostgresAsync(postgres, cancellationToken));
        if (parsed.GetValue(UpCommand.Redis) is { } redis)
            findings.Add(await DependencyChecks.RedisAsync(redis, cancellationToken));
        return findings;
    }
}
