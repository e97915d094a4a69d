using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>The backend's copy of the users, and the way of changes to it.</summary>
internal static class SyncFaults
{
    public static IEnumerable<Fault> All() =>
    [
        Copy("copy-altered", "Somebody changes a user's name in the backend's database", "UPDATE users SET name = 'Altered'", copy => copy == "Altered"),
        Copy("copy-row-gone", "Somebody deletes a user's row in the backend's database", "DELETE FROM users", copy => copy.Length == 0),
        new SimpleFault("feed-forgets", "sync", "Each change of a user, but for the end of a session, disappears from auth's feed as it is written", (rig, _) =>
            {
                AddTrigger(rig, "auth.db", "AFTER INSERT ON Changes WHEN new.SessionId IS NULL BEGIN DELETE FROM Changes WHERE Seq = new.Seq; END;");
                return Task.CompletedTask;
            },
            (rig, _) => HasTriggerAsync(rig, "auth.db")) { Expected = $"backend.{SyncStopped}", Checks = [1, 2, 6] },
        new BetweenBackendAndAuth("feed-slow", "sync", "Between the backend and auth each piece takes 600 ms", new ProxyBehaviour { IsRaw = true, Delay = TimeSpan.FromMilliseconds(600) }, comesBack: true)
        { Expected = $"backend.{SyncSlow}", Checks = [1, 2, 6] },
    ];

    /// <remarks>No row is put back: the user is erased in both stores.</remarks>
    private static SimpleFault Copy(string name, string sentence, string change, Func<string, bool> isChanged)
    {
        Guid user = default;
        return new SimpleFault(name, "sync", sentence, async (rig, stop) =>
            {
                RequireSqlite();
                (_, var member) = await rig.NewMemberAsync(stop);
                user = member.UserId;
                rig.Use(new Erasing(member));
                await rig.UntilAsync("the backend has the user", () => Task.FromResult(NameOf(rig, user).Length > 0), stop);
                Programs.Run(Sql(rig.PathOf("backend.db"), $"{change} WHERE user_id = '{user}';"));
            },
            (rig, _) => Task.FromResult(Ask(rig, "auth.db", $"SELECT count(*) FROM AspNetUsers WHERE Id = upper('{user}');") == "1" && isChanged(NameOf(rig, user))))
        { Expected = $"backend.{CopyDiverges}", Checks = [1, 2, 6] };
    }

    private static string NameOf(Rig rig, Guid user) => Ask(rig, "backend.db", $"SELECT name FROM users WHERE user_id = '{user}';");

    private sealed class Erasing(Member member) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => (await member.SendAsync(HttpMethod.Delete, "/auth/me", null, CancellationToken.None)).Expect(204);
    }

    private static string Ask(Rig rig, string database, string sql) => Programs.Run(["sqlite3", rig.PathOf(database), sql]).Output.Trim();
}
