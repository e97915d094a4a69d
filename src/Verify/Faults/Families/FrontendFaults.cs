using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>The public origin.</summary>
internal static class FrontendFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new StoppedProcess("frontend-stopped", "frontend") { Expected = $"frontend.{Hung}", Checks = [1] },
        new SettingFault("frontend-misdirected", "frontend", "The public origin forwards the backend's paths to where nobody listens", "frontend", _ => $$"""{ "Services": { "backend": "http://127.0.0.1:{{Rig.FreePort()}}" } }""",
            async (rig, stop) => (await rig.AskAsync(new Uri($"http://localhost:{rig.PortOf("frontend")}/api/limits"), stop)).Status is 0 or 502 or 503 or 504) { Resource = "frontend.settings", Expected = $"frontend.{WrongAddress}", Checks = [1, 2] },
        new SimpleFault("page-client-gone", "frontend", "The page's client is gone from auth's database", (rig, _) =>
            {
                RequireSqlite();
                var path = rig.PathOf("auth.db");
                rig.Journal.WillRun(Sql(path, "INSERT INTO OpenIddictApplications SELECT * FROM aside; DROP TABLE aside;"));
                Programs.Run(Sql(path, $"BEGIN; CREATE TABLE aside AS SELECT * FROM OpenIddictApplications WHERE {IsPage}; DELETE FROM OpenIddictApplications WHERE {IsPage}; COMMIT;"));
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(Programs.Run(["sqlite3", rig.PathOf("auth.db"), $"SELECT count(*) FROM OpenIddictApplications WHERE {IsPage};"]).Output.Trim() == "0")) { Expected = $"frontend.{ClientRefused}", Checks = [2] },
    ];

    private const string IsPage = "ClientId = 'throughline-web'";
}
