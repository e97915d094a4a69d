using System.Diagnostics;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks;

/// <summary>Kills services from outside, and waits until the launcher has started them again.</summary>
internal static class Killing
{
    public const string DidNotComeBack = " did not come back";

    /// <summary>Kills them all at once; returns when each answers as a new process.</summary>
    public static async Task KillAsync(SystemUnderTest system, Probe probe, IReadOnlyList<string> services, CancellationToken cancellationToken)
    {
        var before = services.Select(s => (Service: s, Record: RecordOf(system, s))).ToList();
        foreach (var (service, record) in before) Kill(probe, service, record);
        await Task.WhenAll(before.Select(b => UntilAnewAsync(system, probe, b.Service, b.Record, cancellationToken)));
    }

    /// <summary>Ends the recorded process at once, as <c>kill -9</c> does.</summary>
    public static void Kill(Probe probe, string service, DiscoveryRecord record)
    {
        probe.That(ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt), $"{service} (process {record.Pid}) does not run");
        using var process = Process.GetProcessById(record.Pid);
        process.Kill();
        process.WaitForExit(TimeSpan.FromSeconds(2));
        probe.Add(new ProcessLook(probe.Now, service, record.Pid, ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt)));
    }

    public static async Task<DiscoveryRecord> UntilAnewAsync(SystemUnderTest system, Probe probe, string service, DiscoveryRecord before, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(1) });
        var verifier = new RecordVerifier(http, system.Time, () => system.ReadSecret("store-password"));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), system.Time);
        try
        {
            while (true)
            {
                if (system.RecordOf(service) is { } record && record.Instance != before.Instance && record.Pid != before.Pid && await verifier.RejectAsync(record, cancellationToken) is null)
                {
                    probe.Add(new ProcessLook(probe.Now, service, record.Pid, IsAlive: true));
                    return record;
                }

                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            probe.Add(new ProcessLook(probe.Now, service, before.Pid, ProcessIdentity.IsAlive(before.Pid, before.ProcessStartedAt)));
            system.NoteLog(service);
            throw new TimeoutException($"{service}{DidNotComeBack}");
        }
    }

    public static DiscoveryRecord RecordOf(SystemUnderTest system, string service) =>
        system.RecordOf(service) ?? throw new Refutation(SystemUnderTest.NoRecordOf(service));
}
