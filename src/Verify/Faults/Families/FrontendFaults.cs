using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>The public origin.</summary>
internal static class FrontendFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new StoppedProcess("frontend-stopped", "frontend") { Expected = $"frontend.{Hung}", Checks = [1] },
        new SettingFault("frontend-misdirected", "frontend", "The public origin forwards the backend's paths to where nobody listens", "frontend", _ => $$"""{ "Services": { "backend": "http://127.0.0.1:{{Rig.FreePort()}}" } }""",
            async (rig, stop) => (await rig.AskAsync(new Uri($"http://localhost:{rig.PortOf("frontend")}/api/limits"), stop)).Status is 0 or 502 or 503 or 504) { Resource = "frontend.settings", Expected = $"frontend.{WrongAddress}", Checks = [1, 2] },
    ];
}
