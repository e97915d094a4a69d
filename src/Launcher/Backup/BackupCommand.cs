using System.CommandLine;
using System.Globalization;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Backup;

/// <summary><c>throughline backup</c>: everything a stack keeps, in one file, while it runs.</summary>
internal static class BackupCommand
{
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The file to write. Default: throughline-<time>.tar.gz in this folder." };

    public static Command Create()
    {
        var command = new Command("backup", """
            Write everything that a stack keeps into one file, whether it runs or not: databases, usage files, keys, secrets, settings.
            The file holds keys and secrets: keep it as safe as the state folder itself.
            Databases in PostgreSQL are not in it: save them with pg_dump, before this.

            Example:
              throughline backup --out /backups/throughline.tar.gz
            """) { Out };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var state = StateDirectory.Read(parsed.GetValue(CommandLine.State)!);
        if (state.Description is null)
            throw new LauncherException(ExitCode.Configuration, $"{state.Root} is no state folder, so there is nothing to back up.", "Name the folder with --state.");

        var time = TimeProvider.System;
        var path = Path.GetFullPath(parsed.GetValue(Out) ?? $"throughline-{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}.tar.gz");
        try
        {
            var written = await StateArchive.WriteAsync(state, path, time, cancellationToken);
            Console.WriteLine($"Wrote {written.Files:N0} files, {written.Bytes:N0} bytes of them, to {path}. It holds keys and secrets: keep it safe.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LauncherException(ExitCode.Configuration, $"{path} cannot be written: {e.Message}", "Name another file with --out.");
        }

        if (!File.Exists(state.PathOf("auth.db")))
            Console.Error.WriteLine("The databases of this state are in PostgreSQL and not in the file: save them with pg_dump.");
        Console.WriteLine($"Put it back with: throughline restore {path} --state '{state.Root}'");
        return ExitCode.Stopped;
    }
}
