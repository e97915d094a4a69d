using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Brings the schema up to date at start: numbered scripts, one set for each database, each in its own transaction.</summary>
internal sealed partial class Migrations(BackendDatabase database, ILogger<Migrations> logger)
{
    private static readonly Assembly Home = typeof(Migrations).Assembly;

    /// <exception cref="StartupException">The database was written by a later version of the program.</exception>
    public Task ApplyAsync(CancellationToken cancellationToken) => ApplyAsync(lacking: 0, cancellationToken);

    /// <param name="lacking">How many of the latest versions are left out.</param>
    public async Task<int> ApplyAsync(int lacking, CancellationToken cancellationToken)
    {
        var scripts = Scripts(database.IsPostgres ? "postgres" : "sqlite");
        var applied = await database.WriteAsync(connection => PrepareAsync(connection, cancellationToken), cancellationToken);
        if (applied > scripts.Count)
            throw new StartupException(ExitCode.Configuration, $"The backend's database has schema version {applied}, this program knows {scripts.Count}: start a program at least as new as the one that wrote it.");
        if (applied == scripts.Count) return applied;

        if (applied > 0) await BackUpAsync(applied, cancellationToken);
        for (var version = applied + 1; version <= scripts.Count - lacking; version++)
        {
            var (next, script) = (version, scripts[version - 1]);
            // Another node may have been quicker: whoever moves the version applies the script.
            await database.WriteAsync(async connection =>
            {
                if (await connection.ExecuteAsync("UPDATE schema_version SET version=@next WHERE version=@before", cancellationToken, ("next", next), ("before", next - 1)) == 0) return;
                await connection.ExecuteAsync(script, cancellationToken);
            }, cancellationToken);
            Log.Applied(logger, version);
        }

        return scripts.Count - lacking;
    }

    private async Task<int> PrepareAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        if (database.IsPostgres) await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(7240001)", cancellationToken);
        await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)", cancellationToken);
        await connection.ExecuteAsync("INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)", cancellationToken);
        return (int)await connection.ScalarAsync<long>("SELECT version FROM schema_version", cancellationToken);
    }

    private async Task BackUpAsync(int version, CancellationToken cancellationToken)
    {
        if (database.FilePath is null) return; // a server's database is backed up by whoever runs the server
        var copy = string.Create(CultureInfo.InvariantCulture, $"{database.FilePath}.v{version}.bak");
        if (File.Exists(copy)) return;
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("VACUUM INTO @copy", cancellationToken, ("copy", copy));
        Log.BackedUp(logger, copy);
    }

    private static List<string> Scripts(string provider) =>
        [.. Home.GetManifestResourceNames()
            .Where(name => name.EndsWith($".{provider}.sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Read)];

    private static string Read(string name)
    {
        using var reader = new StreamReader(Home.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Database schema is now version {Version}")]
        public static partial void Applied(ILogger logger, int version);

        [LoggerMessage(2, LogLevel.Information, "Copied the database to {Path} before changing its schema")]
        public static partial void BackedUp(ILogger logger, string path);
    }
}
