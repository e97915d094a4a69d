using System.CommandLine;
using System.Globalization;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Audit;

/// <summary>
/// <c>throughline audit verify</c>: recomputes the chain here, with the key in the state folder, so that neither the database nor the
/// service that reads it has to be believed. Exit code 0 where all holds, 1 where something does not.
/// </summary>
internal static class AuditVerifyCommand
{
    public static Command Create()
    {
        var command = new Command("verify", "Prove that no entry of the audit log was changed, removed or put in.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var state = StateDirectory.At(parsed.GetValue(CommandLine.State)!);
        var masterKey = ReadKey(state);
        using var reader = new AuditReader(state);
        AuditAnchor? anchor;
        try
        {
            anchor = AuditAnchor.Read(state.PathOf(AuditAnchor.Location), MasterKeyFile.Derive(masterKey, AuditAnchor.KeyPurpose));
        }
        catch (FormatException e)
        {
            return Report(new(0, $"Whether entries were cut off at the end cannot be told: {e.Message}"));
        }

        var verification = new AuditVerification(MasterKeyFile.Derive(masterKey, AuditChain.KeyPurpose), anchor);
        var progress = new AuditProgress(TimeProvider.System, anchor?.Seq);
        await foreach (var entry in reader.ReadAsync(after: null, cancellationToken))
        {
            if (verification.Add(entry) is { } fault)
                return Report(fault);
            progress.Checked(verification.Count);
        }

        if (verification.Finish() is { } end)
            return Report(end);
        Console.WriteLine(Summary(verification));
        if (anchor is { Since: > 0 })
            Console.WriteLine($"The end of the log is known since entry {anchor.Since}; whether entries were cut off before that nobody can tell.");
        return ExitCode.Stopped;
    }

    private static byte[] ReadKey(StateDirectory state)
    {
        try
        {
            var key = MasterKeyFile.Read(state.Root);
            return MasterKeyCheck.Holds(state.Root, key) ? key : throw new StartupException(ExitCode.SigningMismatch, MasterKeyCheck.OtherKey(state.Root));
        }
        catch (StartupException e)
        {
            throw new LauncherException(e.ExitCode, e.Message, "The chain is checked with this key; name the state's folder with --state.");
        }
    }

    private static string Summary(AuditVerification log) => log is { First: { } first, Last: { } last }
        ? string.Create(CultureInfo.InvariantCulture, $"The audit log is whole: {log.Count:N0} entries, the first of {first.At:u}, the last of {last.At:u}.")
        : "The audit log is whole: it has no entries yet.";

    private static int Report(AuditFault fault)
    {
        Console.Error.WriteLine($"THE AUDIT LOG IS BROKEN at entry {fault.Seq}. {fault.Meaning}");
        Console.Error.WriteLine("Keep the database as it is, and compare it with a backup from before.");
        return ExitCode.Other;
    }
}
