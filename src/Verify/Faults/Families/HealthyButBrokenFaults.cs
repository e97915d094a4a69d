using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>Green pages before features that fail.</summary>
internal static class HealthyButBrokenFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new InFront("healthy-front", "healthy-but-broken", "What stands in front of the backend lets health pages through and fails at all else", "backend", _ => new FailsButForHealth(), async (rig, stop) =>
            (await rig.AskAsync(Oracles.FrontUrl(rig, "backend", "/health/ready"), stop)).Status == 200 && (await rig.AskAsync(Oracles.FrontUrl(rig, "backend", "/api/limits"), stop)).Status == 500) { Expected = $"proxy.{Answers}" },
        new SimpleFault("table-of-threads-gone", "healthy-but-broken", "The backend's table of threads is gone, its health page is green", (rig, _) =>
            {
                Rename(rig, "threads");
                return Task.CompletedTask;
            },
            async (rig, stop) => await IsRenamedAsync(rig, "threads") && (await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/health/ready"), stop)).Status == 200) { Expected = $"backend.{DatabaseUnmigrated}" },
        new SimpleFault("log-forgets", "healthy-but-broken", "Each seventh event disappears from the backend's log as it is written, its health page is green", (rig, _) =>
            {
                AddTrigger(rig, "backend.db", "AFTER INSERT ON recent_events WHEN new.arrival % 7 = 3 BEGIN DELETE FROM recent_events WHERE arrival = new.arrival; END;");
                return Task.CompletedTask;
            },
            async (rig, stop) => await HasTriggerAsync(rig, "backend.db") && (await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/health/ready"), stop)).Status == 200) { Expected = $"backend.{LosesEvents}" },
        Forgets("uploads-forgotten", "A file that is taken disappears from the backend's database, its health page is green", "backend", "files", "file_id"),
        Forgets("refresh-tokens-forgotten", "A refresh token that is given disappears from auth's database, its health page is green", "auth", "RefreshTokens", "rowid"),
        new SimpleFault("mail-has-no-folder", "healthy-but-broken", "Where auth keeps mail there is a file", (rig, _) =>
            {
                ReplaceByFile(rig, "mail");
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(File.Exists(rig.PathOf("mail")))) { Expected = $"auth.{MailFails}", Checks = [2] },
        new InFront("clock-ahead", "healthy-but-broken", "Auth's answers show a clock that is an hour ahead", "auth", rig => new IsAhead(rig.Time), async (rig, stop) =>
            (await rig.AskAsync(Oracles.FrontUrl(rig, "auth", "/health/live"), stop)).Status == 200 && rig.RecordOf("auth").Host == Rig.FrontHost) { Expected = $"signing.{ClockSkew}", Checks = [1, 2] },
    ];

    private static SimpleFault Forgets(string name, string sentence, string service, string table, string key) => new(name, "healthy-but-broken", sentence, (rig, _) =>
        {
            AddTrigger(rig, $"{service}.db", $"AFTER INSERT ON {table} BEGIN DELETE FROM {table} WHERE {key} = new.{key}; END;");
            return Task.CompletedTask;
        },
        async (rig, stop) => await HasTriggerAsync(rig, $"{service}.db") && (await rig.AskAsync(new Uri(rig.DirectOf(service), "/health/ready"), stop)).Status == 200)
    { Expected = $"{service}.{FaultCodes.Forgets}", Checks = [2, 4] };
}
