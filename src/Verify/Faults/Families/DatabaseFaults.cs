using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>The backend's database.</summary>
internal static class DatabaseFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new SimpleFault("database-held", "database", "Another program holds the backend's database for writing", async (rig, stop) =>
            {
                RequireSqlite();
                var tool = new RunningTool(rig, ["sqlite3", "-bail", rig.PathOf("backend.db")], "PRAGMA busy_timeout=5000;\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
                rig.Use(tool);
                await tool.SaysAsync("held", stop); // that it is locked does not tell by whom: the backend writes, too
            },
            (rig, _) => Task.FromResult(Programs.Run(["sqlite3", rig.PathOf("backend.db"), "BEGIN IMMEDIATE; ROLLBACK;"]).Output.Contains("locked", StringComparison.Ordinal))) { Resource = "backend.database", Expected = $"backend.{DatabaseLocked}" },
        new SimpleFault("database-damaged", "database", "The backend's database file is overwritten at its beginning", async (rig, stop) =>
            {
                var path = rig.PathOf("backend.db");
                foreach (var file in FilesOf(rig)) rig.Journal.WillRestore(file);
                // A checkpoint meanwhile would put the first page right again.
                Programs.Run(["kill", "-STOP", $"{rig.PidOf("backend")}"]);
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) file.Write(new byte[4096]);
                File.Delete($"{path}-wal");
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            (rig, _) => Task.FromResult(Programs.Has("sqlite3") ? Programs.Run(["sqlite3", rig.PathOf("backend.db"), "PRAGMA schema_version;"]).ExitCode != 0 : File.ReadAllBytes(rig.PathOf("backend.db"))[0] == 0))
        { Expected = $"backend.{DatabaseDamaged}" },
        new SettingFault("database-server-away", "database", "The backend is told to use a PostgreSQL that is not there", "backend",
            _ => AbsentPostgres(), (rig, _) => Oracles.IsDownAsync(rig, "backend"))
        { Expected = $"backend.{DatabaseUnreachable}", StopsIt = true },
        new SimpleFault("database-read-only", "database", "The backend's database file must not be changed (chattr +i)", async (rig, stop) =>
            {
                var path = rig.PathOf("backend.db");
                rig.Journal.WillRun("chattr", "-i", path);
                Programs.Run(["chattr", "+i", path]);
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            (rig, _) => Task.FromResult(!CanWrite(rig.PathOf("backend.db")))) { Expected = $"backend.{DatabaseReadOnly}" },
        new SimpleFault("database-deleted", "database", "The backend's database file is deleted, and the backend still writes to it", (rig, _) =>
            {
                rig.Touch("backend");
                foreach (var file in FilesOf(rig))
                {
                    rig.Journal.WillRestore(file);
                    File.Delete(file);
                }

                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(FilesOf(rig).All(file => !File.Exists(file)))) { Expected = $"backend.{DatabaseMissing}" },
        new SimpleFault("disk-full", "database", "The state folder is on a disk of its own, and that is full", async (rig, stop) =>
            {
                await SmallDisk.PutUnderAsync(rig, stop);
                SmallDisk.Fill(rig);
            },
            (rig, _) => Task.FromResult(new DriveInfo(rig.State).AvailableFreeSpace < 64 << 10)) { Expected = $"auth.{DiskFull}" },
        new SimpleFault("database-of-another", "database", "In the place of the backend's database lies a newer one that it does not know", async (rig, stop) =>
            {
                MakeNewer(rig);
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            (rig, _) => Task.FromResult(IsNewer(rig))) { Expected = $"backend.{DatabaseUnmigrated}" },
    ];

    /// <summary>SQLite's, with its write-ahead log and that one's index.</summary>
    private static string[] FilesOf(Rig rig) => [rig.PathOf("backend.db"), rig.PathOf("backend.db-wal"), rig.PathOf("backend.db-shm")];
}
