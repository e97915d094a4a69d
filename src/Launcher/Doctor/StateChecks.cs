using Throughline.Contracts.Discovery;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Status;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Doctor;

/// <summary>What the state folder must be like.</summary>
internal static class StateChecks
{
    public static IEnumerable<Finding> Folder(StateDirectory state)
    {
        if (!Directory.Exists(state.Root))
        {
            yield return Finding.Good("state", $"{state.Root} will be made at the first start");
            yield break;
        }

        yield return StateDirectory.AccessFault(state.Root) is { } fault
            ? Finding.Bad("state", $"{state.Root}: {fault}", $"Run: chmod 700 '{state.Root}'", ExitCode.Configuration)
            : Finding.Good("state", $"{state.Root} is private");
        if (state.Description?.Version > StateDirectory.CurrentVersion)
            yield return Finding.Bad(
                "state", $"it was written by a newer Throughline (version {state.Description.Version}; this program knows {StateDirectory.CurrentVersion})",
                "Update this program, or use another --state folder.", ExitCode.Configuration);
        foreach (var secret in StateDirectory.SecretNames)
        {
            var path = state.PathOf("secrets", secret);
            if (!File.Exists(path))
            {
                if (File.Exists(state.PathOf("state.json")))
                    yield return Finding.Bad($"secret {secret}", $"{path} is missing", "Restore it from a backup, or start with a new --state folder.", ExitCode.Configuration);
            }
            else if (StateDirectory.AccessFault(path) is { } open)
            {
                yield return Finding.Bad($"secret {secret}", $"{path}: {open}", $"Run: chmod 600 '{path}'", ExitCode.Configuration);
            }
        }
    }

    /// <summary>The one file without which nothing in auth's database can be opened.</summary>
    public static IEnumerable<Finding> MasterKey(StateDirectory state)
    {
        var path = MasterKeyCheck.KeyPath(state.Root);
        if (!Path.Exists(path) && !MasterKeyCheck.IsNoted(state.Root))
            yield break; // made at the first start
        if (MasterKeyCheck.FaultOf(path) is { } fault)
            yield return Finding.Bad("master key", fault, null, ExitCode.Configuration);
        else if (!MasterKeyCheck.Holds(state.Root, Convert.FromBase64String(File.ReadAllText(path).Trim())))
            yield return Finding.Bad("master key", MasterKeyCheck.OtherKey(state.Root), null, ExitCode.SigningMismatch);
        else
            yield return Finding.Good("master key", "is the one that the database was written with");
    }

    public static async Task<IReadOnlyList<Finding>> RecordsAsync(StateDirectory state, TimeProvider time, CancellationToken cancellationToken)
    {
        using var probe = new ServiceProbe(state, time);
        var findings = new List<Finding>();
        foreach (var record in StatusReader.Services.SelectMany(s => DiscoveryFiles.Read(state.Root, s)))
            findings.Add(await LookAsync(probe, record, cancellationToken));
        return findings;
    }

    private static async Task<Finding> LookAsync(ServiceProbe probe, DiscoveryRecord record, CancellationToken cancellationToken)
    {
        var found = await probe.VerifyAsync(record, cancellationToken);
        if (found.Status != HealthStatus.Healthy)
            return Finding.Warning(record.Service, $"stale record: {found.Reason}", "Nobody believes it, and the next start replaces it.");
        found = await probe.LookAsync(record, cancellationToken);
        if (found.Report?.Checks?.GetValueOrDefault("signing") is { Status: HealthStatus.Unhealthy, Error: { } mismatch })
            return Finding.Bad(record.Service, mismatch, null, ExitCode.SigningMismatch);
        return found.Status == HealthStatus.Healthy
            ? Finding.Good(record.Service, $"healthy at {record.ApiUrl}")
            : Finding.Warning(record.Service, $"{found.Status}: {found.Reason}", $"Look at: throughline logs {record.Service}");
    }
}
