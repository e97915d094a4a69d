using System.Net;
using Throughline.ServiceDefaults;
using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>Starts that must fail, and say why.</summary>
internal static class LauncherFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new SimpleFault("port-taken", "launcher", "With fixed ports one of them is taken", (rig, _) =>
            {
                foreach (var port in (int[])[3000, 8000, 8001, 6380])
                {
                    try
                    {
                        rig.Use(new FaultProxy(new IPEndPoint(IPAddress.Loopback, port), () => new IPEndPoint(IPAddress.Loopback, 1), new ProxyBehaviour()));
                        break;
                    }
                    catch (System.Net.Sockets.SocketException)
                    {
                        break; // taken already
                    }
                }

                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(ListeningSockets.HolderOf(3000) is { } holder && holder.Pid != DiscoveryFiles.Read(rig.State, "frontend").FirstOrDefault()?.Pid)) { Expected = $"launcher.{PortTaken}", IsAtStart = true, StartArguments = ["--fixed-ports"], IsAlone = true },
        new SettingFault("start-other-secret", "launcher", "Auth and backend are told to sign differently before the start", "backend", _ => $$"""{ "JWT_SECRET_KEY": "{{OtherSecret}}" }""", (rig, _) => Task.FromResult(File.Exists(ServiceSettings.PathOf(rig.State, "backend"))))
        { Expected = $"signing.{DifferentAlgorithms}", IsAtStart = true },
        new SettingFault("start-unreadable-settings", "launcher", "The backend's settings are no JSON", "backend", _ => """{ "Limits": """, (rig, _) => Task.FromResult(File.Exists(ServiceSettings.PathOf(rig.State, "backend")))) { Expected = $"backend.{Configuration}", IsAtStart = true },
        new SimpleFault("state-open-to-all", "launcher", "Everybody on the machine may read the state folder", (rig, _) =>
            {
                rig.Journal.WillRun("chmod", "700", rig.State);
                Programs.Run(["chmod", "755", rig.State]);
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(!OperatingSystem.IsWindows() && File.GetUnixFileMode(rig.State).HasFlag(UnixFileMode.OtherRead))) { Expected = $"launcher.{NotPrivate}", IsAtStart = true },
        new SimpleFault("secret-missing", "launcher", "A secret of the state is gone", (rig, _) =>
            {
                rig.Journal.WillRestore(rig.PathOf("secrets", "client-frontend"));
                File.Delete(rig.PathOf("secrets", "client-frontend"));
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(!File.Exists(rig.PathOf("secrets", "client-frontend")))) { Expected = $"launcher.{MissingSecret}", IsAtStart = true },
    ];
}
