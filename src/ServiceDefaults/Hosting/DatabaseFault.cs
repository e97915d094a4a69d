using System.Data.Common;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Throughline.ServiceDefaults;

/// <summary>Why a service cannot start on its database, in one sentence with the remedy. For SQLite and PostgreSQL, by what each calls its errors.</summary>
public static partial class DatabaseFault
{
    /// <param name="place">The file, or host, port and database; never a password.</param>
    /// <returns>Null for what an operator cannot have caused.</returns>
    public static StartupException? Of(Exception exception, string place) => exception switch
    {
        DbException { SqlState: { Length: > 0 } state } postgres => OfPostgres(state, postgres.Message, place),
        DbException e when SqliteCode().Match(e.Message) is { Success: true } code => OfSqlite(code.Groups[1].Value, place),
        DbException { InnerException: (SocketException or TimeoutException or IOException) and { Message: var reason } } => Away(reason, place),
        TimeoutException => Away("it did not answer in time", place),
        { InnerException: { } inner } => Of(inner, place),
        _ => null,
    };

    private static StartupException? OfSqlite(string code, string place) => code switch
    {
        "5" or "6" => Configuration($"The database {place} is held by another program: stop it."),
        "8" => Configuration($"The database {place} is read-only: let the user who runs this service write it."),
        "10" => Configuration($"The database {place} cannot be read or written: look after the disk."),
        "11" or "26" => Configuration($"The database {place} is damaged, or is no database: restore it from a backup."),
        "13" => Configuration($"The disk that holds the database {place} is full: free some space."),
        "14" => Configuration($"The database {place} cannot be opened: give it and its folder to the user who runs this service."),
        _ => null,
    };

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private static StartupException? OfPostgres(string state, string message, string place) => state switch
    {
        "28P01" or "28000" => Configuration($"PostgreSQL at {place} refuses the user or its password: mend Username and Password in Database:ConnectionString."),
        "3D000" => Configuration($"PostgreSQL at {place} has no such database: make it, or mend Database in Database:ConnectionString."),
        "42501" => Configuration($"The user of Database:ConnectionString lacks a right at {place} ({message}): grant it, or make the user the database's owner."),
        "25006" => Configuration($"PostgreSQL at {place} takes no writes now: name the primary server in Database:ConnectionString."),
        "53100" => Configuration($"The disk that PostgreSQL at {place} writes to is full: free some space."),
        "53300" => Away("it has no connection left", place),
        "55000" => Configuration($"PostgreSQL at {place} lets nobody in to this database: let it, with ALTER DATABASE … ALLOW_CONNECTIONS true."),
        "57P01" or "57P02" or "57P03" => Away("it is starting or stopping", place),
        _ => null,
    };

    private static StartupException Configuration(string message) => new(ExitCode.Configuration, message);

    private static StartupException Away(string reason, string place) => new(
        ExitCode.MissingDependency, $"PostgreSQL at {place} does not answer ({reason.ReplaceLineEndings(" ").TrimEnd('.')}): start it, or mend Database:ConnectionString.");

    [GeneratedRegex(@"SQLite Error (\d+)")]
    private static partial Regex SqliteCode();
}
