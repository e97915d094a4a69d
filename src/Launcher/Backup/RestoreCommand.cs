using System.CommandLine;
using System.Globalization;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Backup;

/// <summary><c>throughline restore</c>: puts a backup in a state folder's place.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> From = new("file") { Description = "What `throughline backup` wrote." };

    public static Command Create()
    {
        var command = new Command("restore", """
            Put a backup in the place of the state folder, whose present content is kept beside it. The stack must not run.
            Accounts that were deleted since the backup stay deleted: what the present folder knows of deletions is carried over.

            Example:
              throughline down && throughline restore /backups/throughline.tar.gz && throughline up
            """) { From };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(parsed.GetValue(From)!);
        var state = StateDirectory.At(parsed.GetValue(CommandLine.State)!);
        if (!File.Exists(path))
            throw new LauncherException(ExitCode.Configuration, $"There is no file {path}.", "Name one that `throughline backup` wrote.");
        if (StateLock.ReadRunning(state) is { } running)
            throw new LauncherException(ExitCode.Configuration, $"A stack runs on {state.Root} (launcher process {running.Pid}).", $"Stop it first: throughline down --state '{state.Root}'");
        await Leftovers.WaitForEndAsync(state, TimeProvider.System, cancellationToken);

        var draft = StateDirectory.At($"{state.Root}.restoring");
        if (Directory.Exists(draft.Root)) Directory.Delete(draft.Root, recursive: true); // of an attempt that was broken off
        StateDirectory.CreateFolder(draft.Root);
        try
        {
            var manifest = await StateArchive.ReadAsync(path, draft, cancellationToken);
            var kept = Replace(state, draft);
            Console.WriteLine($"Restored {manifest.Files.Count:N0} files of {manifest.At:yyyy-MM-dd HH:mm:ss} UTC to {state.Root}.");
            if (kept is not null) Console.WriteLine($"What was there is kept in {kept}; delete it once all is well.");
            Console.WriteLine($"Start it with: throughline up --state '{state.Root}'");
            return ExitCode.Stopped;
        }
        catch (InvalidDataException e)
        {
            throw new LauncherException(ExitCode.Configuration, $"{path} is no whole backup: {e.Message}.", "Take another one; nothing was changed.");
        }
        finally
        {
            if (Directory.Exists(draft.Root)) Directory.Delete(draft.Root, recursive: true);
        }
    }

    /// <returns>Where the present folder is kept; null where there was none.</returns>
    private static string? Replace(StateDirectory state, StateDirectory draft)
    {
        string? kept = null;
        if (Directory.Exists(state.Root))
        {
            Deletions.CarryOver(state, draft);
            kept = $"{state.Root}.before-{TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}";
            Directory.Move(state.Root, kept);
        }

        Directory.Move(draft.Root, state.Root);
        return kept;
    }
}
