using System.CommandLine;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Audit;

/// <summary><c>throughline audit show</c>: the log for people, or with <c>--json</c> one object a line for other programs.</summary>
internal static class AuditShowCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly Option<Guid?> User = new("--user") { Description = "Only what concerns this user id: as the account, or as who acted." };
    private static readonly Option<string?> Event = new("--event") { Description = "Only this event: login, session.revoked, refresh.reused …" };
    private static readonly Option<int> Lines = new("--lines", "-n") { Description = "How many of the last entries to begin with.", DefaultValueFactory = _ => 200 };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what happens next, until Ctrl-C." };
    private static readonly Option<bool> Json = new("--json") { Description = "Write each entry as one JSON object." };

    public static Command Create()
    {
        var command = new Command("show", "Show the last entries of the audit log.") { User, Event, Lines, Follow, Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var reader = new AuditReader(StateDirectory.At(parsed.GetValue(CommandLine.State)!));
        var (user, name) = (parsed.GetValue(User), parsed.GetValue(Event));
        Func<AuditRecord, string> line = parsed.GetValue(Json) ? e => JsonSerializer.Serialize(e, WireJson.Default.AuditRecord) : AuditText.LineOf;
        bool IsWanted(AuditRecord entry) => (user is null || entry.UserId == user || entry.ActorId == user) && (name is null || entry.Event == name);

        var last = new Queue<AuditRecord>();
        long? after = null;
        await foreach (var entry in reader.ReadAsync(after, cancellationToken))
        {
            after = entry.Seq;
            if (!IsWanted(entry)) continue;
            last.Enqueue(entry);
            if (last.Count > parsed.GetValue(Lines)) last.Dequeue();
        }

        foreach (var entry in last) Console.WriteLine(line(entry));
        if (!parsed.GetValue(Follow))
            return ExitCode.Stopped;

        using var signals = new Up.Signals(isDetached: false);
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(signals.Stop))
                await foreach (var entry in reader.ReadAsync(after, signals.Stop))
                {
                    after = entry.Seq;
                    if (IsWanted(entry)) Console.WriteLine(line(entry));
                }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how this ends.
        }

        return ExitCode.Stopped;
    }
}
