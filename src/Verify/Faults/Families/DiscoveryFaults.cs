using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>Records that do not lead to the service.</summary>
internal static class DiscoveryFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new WrongRecord("record-names-another", "The backend's record names auth's port", (rig, r) => Rig.At(r, "127.0.0.1", rig.PortOf("auth"))) { Expected = $"discovery.{WrongPort}" },
        new WrongRecord("record-names-nobody", "The backend's record names a port where nobody listens", (_, r) => Rig.At(r, "127.0.0.1", Rig.FreePort())) { Resource = "backend.record", Expected = $"discovery.{WrongPort}" },
        new WrongRecord("record-missing", "The backend's record is gone and cannot be written again", (_, _) => null) { Expected = $"discovery.{MissingRecord}" },
        new WrongRecord("record-stale", "The lease in the backend's record has run out and is not renewed", (_, r) => Rig.Text(r with { LeaseExpiresAt = r.LeaseExpiresAt.AddHours(-1) })) { Expected = $"discovery.{StaleRecord}" },
        new WrongRecord("record-of-a-dead-process", "The backend's record speaks of a process that is gone", (_, r) => Rig.Text(r with { Pid = 4_000_000, LeaseExpiresAt = r.LeaseExpiresAt.AddDays(1) })) { Expected = $"discovery.{StaleRecord}" },
        new WrongRecord("record-half-written", "The backend's record ends in the middle", (_, r) => Rig.Text(r)[..90]) { Expected = $"discovery.{UnreadableRecord}" },
        new WrongRecord("record-other-instance", "The backend's record names another instance", (_, r) => Rig.Text(r with { Instance = Guid.CreateVersion7(), LeaseExpiresAt = r.LeaseExpiresAt.AddDays(1) })) { Resource = "backend.record", Expected = $"discovery.{WrongInstance}" },
    ];
}
