using System.Security.Cryptography;
using Throughline.ServiceDefaults;
using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>What runs goes on; what is broken shows when a service is asked to start again, or is killed.</summary>
internal static class NextStartFaults
{
    public static IEnumerable<Fault> All() =>
    [
        // Seen by asking each program to put itself together.
        new NextStart("bad-value-later", "The backend's settings get a value that is none, and it is not restarted", rig => rig.Write(ServiceSettings.PathOf(rig.State, "backend"), """{ "Limits": { "Window": "never" } }"""),
            rig => Holds(rig, "backend", "never")) { Expected = $"backend.{Configuration}", Checks = [1, 2, 3] },
        new NextStart("settings-open-later", "Auth's settings become readable for everybody on the machine", rig =>
            {
                rig.Write(ServiceSettings.PathOf(rig.State, "auth"), "{}");
                Programs.Run(["chmod", "644", ServiceSettings.PathOf(rig.State, "auth")]);
            },
            rig => Holds(rig, "auth", "{}") && !OperatingSystem.IsWindows() && File.GetUnixFileMode(ServiceSettings.PathOf(rig.State, "auth")).HasFlag(UnixFileMode.OtherRead)) { Expected = $"auth.{NotPrivate}", Checks = [1, 2, 3] },
        new NextStart("secret-gone-later", "The frontend's client secret is gone, and it is not restarted", rig =>
            {
                rig.Journal.WillRestore(rig.PathOf("secrets", "client-frontend"));
                File.Delete(rig.PathOf("secrets", "client-frontend"));
            },
            rig => !File.Exists(rig.PathOf("secrets", "client-frontend"))) { Expected = $"state.{MissingSecret}", Checks = [1, 2, 3] },

        // Seen by killing them.
        new NextStart("newer-database-later", "A newer release has used the backend's database, and the older one still runs", MakeNewer, IsNewer)
        { Expected = $"backend.{DatabaseUnmigrated}", Checks = [1, 2, 7], IsKilled = true },
        new NextStart("database-moved-later", "Auth is told to use a PostgreSQL that is not there, and it is not restarted", rig => rig.Write(ServiceSettings.PathOf(rig.State, "auth"), AbsentPostgres()),
            rig => Holds(rig, "auth", "postgres")) { Expected = $"auth.{DatabaseUnreachable}", Checks = [1, 2, 7], IsKilled = true },
        MasterKey(),
        new SimpleFault("launcher-asleep", "next-start", "The launcher is stopped, and all that it started runs", (rig, _) =>
            {
                rig.Signal(rig.LauncherPid, "STOP");
                rig.StartAnew();
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(ProcessIdentity.StateOf(rig.LauncherPid) == "T")) { Expected = $"launcher.{Hung}", Checks = [1, 2, 10] },
        new NextStart("store-settings-later", "The store's settings are no JSON, and it is not restarted", rig => rig.Write(ServiceSettings.PathOf(rig.State, "store"), """{ "Logging": """),
            rig => Holds(rig, "store", "Logging")) { Expected = $"store.{Configuration}", Checks = [1, 2, 10], IsKilled = true },
        new NextStart("store-folder-gone-later", "In the place of the store's folder there is a file, and the store still runs", rig => ReplaceByFile(rig, "store"),
            rig => File.Exists(rig.PathOf("store"))) { Expected = $"store.{DataUnreadable}", Checks = [1, 2, 10], IsKilled = true },
    ];

    private static bool Holds(Rig rig, string service, string text) => ServiceSettings.PathOf(rig.State, service) is var path && File.Exists(path) && File.ReadAllText(path).Contains(text, StringComparison.Ordinal);

    private static NextStart MasterKey()
    {
        var before = "";
        return new NextStart("master-key-replaced-later", "Auth's master key is replaced by another, and it is not restarted", rig =>
            {
                var path = rig.PathOf("keys", "auth.key");
                before = File.ReadAllText(path);
                rig.Write(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            },
            rig => File.ReadAllText(rig.PathOf("keys", "auth.key")) != before)
        { Expected = $"auth.{OtherMasterKey}", Checks = [1, 2, 7], IsKilled = true };
    }
}
