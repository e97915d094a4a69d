using System.Text.Json;

namespace Throughline.Verify.Faults;

/// <summary>What faults of several families need.</summary>
internal static class FaultParts
{
    public const string OtherSecret = "another-secret-than-the-backend-holds-0123456789";

    public static async Task<bool> SignsWithAsync(Rig rig, string secret, CancellationToken cancellationToken)
    {
        var (status, body) = await rig.ServiceTokenAsync("frontend", cancellationToken);
        return status == 200 && Jwt.IsSignedWith(secret, JsonElement.Parse(body).Text("access_token"));
    }

    public static async Task<string> OpensTwoAsync(Rig rig, CancellationToken cancellationToken)
    {
        var (_, member) = await rig.NewMemberAsync(cancellationToken);
        var url = new Uri($"ws://127.0.0.1:{rig.PortOf("backend")}/ws");
        await using var first = await ProbeSocket.OpenAsync(url, Carrier.Header, member.AccessToken, rig.Time, cancellationToken);
        await first.HelloAsync(cancellationToken);
        await using var second = await ProbeSocket.OpenAsync(url, Carrier.Header, member.AccessToken, rig.Time, cancellationToken);
        if (second.HttpStatus is { } status) return $"{status}";
        await second.HelloAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            return $"{await first.ClosedAsync(limit.Token)}";
        }
        catch (TimeoutException)
        {
            return "open";
        }
    }

    public static async Task<bool> MixesAsync(Rig rig, CancellationToken cancellationToken)
    {
        var (_, one) = await rig.NewMemberAsync(cancellationToken);
        var (_, other) = await rig.NewMemberAsync(cancellationToken);
        var url = Oracles.FrontUrl(rig, "backend", "/api/me?oracle");
        await rig.AskAsync(url, cancellationToken, one.AccessToken);
        var (status, body) = await rig.AskAsync(url, cancellationToken, other.AccessToken);
        return status == 200 && !body.Contains($"{other.UserId}", StringComparison.OrdinalIgnoreCase);
    }

    public static void RequireSqlite()
    {
        if (!Programs.Has("sqlite3")) throw new FaultFailed("sqlite3 is not installed");
    }

    /// <summary>The command that does this to a database which its service uses meanwhile.</summary>
    public static string[] Sql(string path, string statements) => ["sqlite3", path, $"PRAGMA busy_timeout=5000; {statements}"];

    public static void Rename(Rig rig, string table)
    {
        RequireSqlite();
        var path = rig.PathOf("backend.db");
        rig.Journal.WillRun(Sql(path, $"ALTER TABLE {table}_gone RENAME TO {table};"));
        Programs.Run(Sql(path, $"PRAGMA legacy_alter_table=ON; ALTER TABLE {table} RENAME TO {table}_gone;"));
    }

    public static Task<bool> IsRenamedAsync(Rig rig, string table) =>
        Task.FromResult(Programs.Run(["sqlite3", rig.PathOf("backend.db"), $"SELECT count(*) FROM {table};"]).Output.Contains("no such table", StringComparison.Ordinal));

    /// <summary>Lets a database do something more at each write.</summary>
    public static void AddTrigger(Rig rig, string database, string trigger)
    {
        RequireSqlite();
        var path = rig.PathOf(database);
        rig.Journal.WillRun(Sql(path, "DROP TRIGGER IF EXISTS meddler;"));
        Programs.Run(Sql(path, $"CREATE TRIGGER meddler {trigger}"));
    }

    public static Task<bool> HasTriggerAsync(Rig rig, string database) =>
        Task.FromResult(Programs.Run(["sqlite3", rig.PathOf(database), "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'meddler';"]).Output.Trim() == "1");

    /// <summary>Puts a file in the place of a folder of the state.</summary>
    public static void ReplaceByFile(Rig rig, string name)
    {
        var (folder, aside) = (rig.PathOf(name), rig.PathOf($"{name}-aside"));
        rig.Journal.WillRun("mv", aside, folder);
        rig.Journal.WillRemove(folder);
        Directory.Move(folder, aside);
        File.WriteAllText(folder, "");
    }

    /// <summary>Makes the backend's database one of a newer release.</summary>
    public static void MakeNewer(Rig rig)
    {
        RequireSqlite();
        var path = rig.PathOf("backend.db");
        rig.Journal.WillRun(Sql(path, "UPDATE schema_version SET version = version - 1000 WHERE version > 1000;"));
        Programs.Run(Sql(path, "UPDATE schema_version SET version = version + 1000;"));
    }

    public static bool IsNewer(Rig rig) =>
        long.TryParse(Programs.Run(["sqlite3", rig.PathOf("backend.db"), "SELECT version FROM schema_version;"]).Output.Trim(), out var version) && version > 1000;

    /// <summary>Settings that name a PostgreSQL where nobody listens.</summary>
    public static string AbsentPostgres() =>
        $$"""{ "Database": { "Provider": "postgres", "ConnectionString": "Host=127.0.0.1;Port={{Rig.FreePort()}};Username=nobody;Password=none;Database=none;Timeout=2" } }""";

    public static bool CanWrite(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
