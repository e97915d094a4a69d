using System.Text.RegularExpressions;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>What fails at what was asked of it while all looks well, by what its service logged of that very request, frame or run: a database, a file, a part of the program.</summary>
internal sealed partial class LogRules : IRule
{
    private const string FileGone = "The imported rows of a file are gone.";
    private static readonly string[] Services = ["auth", "backend", "frontend"];

    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var service in Services)
        {
            var told = @case.Unclaimed.OrderBy(f => f.EndedAt).Select(f => (Finding: f, Log: @case.LogOf(f, service))).Where(f => f.Log is { } log && Read(log.Item) is not null).ToList();
            foreach (var group in told.GroupBy(f => Read(f.Log!.Value.Item)!.Value.Fault))
            {
                var log = group.First().Log!.Value;
                var said = Read(log.Item)!.Value.Said;
                yield return Cause(
                    service, group.Key, $"{ProcessRules.Capital(service)} {FailsAt(group.Key)}, by its own log of what failed ({log.Item.About![0]}): {said}", new Fix(RemedyOf(group.Key, service)),
                    [.. group.Select(f => f.Finding.Id).Union(Held(@case, service, group.Key))], log.Arrow($"{service} logged: {said}", $"{group.First().Finding.Id} fails"));
            }
        }
    }

    /// <summary>A run that cannot be written is tried again, and keeps its place: questions after it are late, or turned away for want of one.</summary>
    private static IEnumerable<string> Held(Case @case, string service, string fault) => service == "backend" && IsOfTheDatabase(fault)
        ? @case.Unclaimed.Where(f => LoadRules.IsTurnedAway(f) || (TimingRules.IsLate(f) && Case.Touches(f, "backend"))).Select(f => f.Id)
        : [];

    private static bool IsOfTheDatabase(string fault) => fault is not (FaultCodes.ClientRefused or FaultCodes.Incomplete or FaultCodes.FilesGone or FaultCodes.OutOfMemory);

    private static (string Fault, string Said)? Read(LogLook log)
    {
        foreach (var line in log.Lines)
        {
            if (OfSqlite().Match(line) is { Success: true } sqlite)
                return (OfSqlite(sqlite.Groups["code"].Value, sqlite.Value), sqlite.Value);
            if (OfPostgres().Match(line) is { Success: true } postgres)
                return (OfPostgres(postgres.Groups["state"].Value), postgres.Value);
            if (OfASignIn().Match(line) is { Success: true } signIn)
                return (FaultCodes.ClientRefused, signIn.Value);
            if (OfAProgram().Match(line) is { Success: true } program)
                return (FaultCodes.Incomplete, program.Value);
            if (line.Contains(FileGone, StringComparison.Ordinal))
                return (FaultCodes.FilesGone, FileGone);
            if (line.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal))
                return (FaultCodes.OutOfMemory, nameof(OutOfMemoryException));
        }

        return null;
    }

    private static string FailsAt(string fault) => fault switch
    {
        FaultCodes.ClientRefused => "is refused by auth as the page's client",
        FaultCodes.Incomplete => "lacks a part of its program",
        FaultCodes.FilesGone => "does not find what users have uploaded",
        FaultCodes.OutOfMemory => "lacks memory, threads or descriptors",
        _ => "fails at its database",
    };

    // https://www.sqlite.org/rescode.html
    private static string OfSqlite(string code, string said) => code switch
    {
        "1" when said.Contains("no such table", StringComparison.Ordinal) || said.Contains("no such column", StringComparison.Ordinal) => FaultCodes.DatabaseUnmigrated,
        "5" or "6" => FaultCodes.DatabaseLocked,
        "8" => FaultCodes.DatabaseReadOnly,
        "11" or "26" => FaultCodes.DatabaseDamaged,
        "13" => FaultCodes.DiskFull,
        _ => FaultCodes.DatabaseFails,
    };

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private static string OfPostgres(string state) => state switch
    {
        "42P01" or "42703" => FaultCodes.DatabaseUnmigrated,
        "25006" => FaultCodes.DatabaseReadOnly,
        "53100" => FaultCodes.DiskFull,
        "53300" => FaultCodes.DatabaseUnreachable,
        _ => FaultCodes.DatabaseFails,
    };

    private static string RemedyOf(string fault, string service) => fault switch
    {
        FaultCodes.DatabaseUnmigrated => $"Restart {service}, which brings its database up to date; where that does not help, restore it from a backup.",
        FaultCodes.DatabaseLocked => $"Find who else writes to the database of {service}, and end it.",
        FaultCodes.DatabaseReadOnly => $"Let {service} write its database: by the file's owner and mode, or at the primary server of PostgreSQL.",
        FaultCodes.DatabaseDamaged => "Restore it from a backup.",
        FaultCodes.DiskFull => "Free some space.",
        FaultCodes.DatabaseUnreachable => "PostgreSQL has no connection left for its role: end others, or raise max_connections or the role's limit.",
        FaultCodes.ClientRefused => "Restart auth, which registers the page's client anew; where it is refused still, compare auth's Issuer with the public origin.",
        FaultCodes.Incomplete => $"Install this release again, whole, and restart {service}.",
        FaultCodes.OutOfMemory => "Look at what is limited (ulimit -a, the control group's memory.max and pids.max, DOTNET_GCHeapHardLimit), and let it use more.",
        FaultCodes.FilesGone => "Put the folder files/ of the state back from a backup, or ask the users to upload again; find out who removes files there.",
        _ => $"Read what {service} logged, and look after its database: throughline logs {service}",
    };

    /// <remarks><c>auth answered 400 error:invalid_request error_description:The specified 'client_id' is invalid.</c></remarks>
    [GeneratedRegex(@"(?<=A step of a sign-in was refused, trace [0-9a-f]+: )auth answered 4[0-9]{2} [^\n]{0,200}")]
    private static partial Regex OfASignIn();

    /// <remarks><c>DllNotFoundException: Unable to load shared library 'duckdb' or one of its dependencies.</c></remarks>
    [GeneratedRegex(@"(Unable to load shared library|Could not load file or assembly) '[^']+'|(TypeLoad|MissingMethod|MissingField|BadImageFormat)Exception: [^\n]{1,160}", RegexOptions.ExplicitCapture)]
    private static partial Regex OfAProgram();

    [GeneratedRegex("SQLite Error (?<code>[0-9]+): '.*?'(?=[. ]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex OfSqlite();

    /// <remarks><c>Npgsql.PostgresException (0x80004005): 42P01: relation "threads" does not exist</c>, and <c>The append failed: 42501: permission denied for table events</c></remarks>
    [GeneratedRegex(@"(?<=PostgresException \(0x80004005\): |The append failed: )(?<state>[0-9A-Z]{5}): [^\n]{1,200}", RegexOptions.ExplicitCapture)]
    private static partial Regex OfPostgres();
}
