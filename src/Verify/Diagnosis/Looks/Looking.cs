using System.Net.WebSockets;
using System.Text.Json;

namespace Throughline.Verify.Looks;

/// <summary>Looks at everything a rule may want to know, once something has failed. Each look has its own probe, time and failure.</summary>
internal static class Looking
{
    public const string Check = "look";
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(8);

    private static IReadOnlyList<Look> All(Scene scene) =>
    [
        .. scene.Services.Select(s => new RecordLook(s)), .. Scene.WebServices.Select(s => new ReadinessLook(s)), new StoreAnswerLook(), new DatabaseFileLook("auth"),
        new DatabaseFileLook("backend"), .. Scene.WebServices.Select(s => new ClockOf(s)), new MachineState(), new NamesLook(), new BreakerStates(), new LoggedFailures(), new FrontLook(scene.Failed), new PublicOriginLook(),
    ];

    /// <param name="watch">What looked at the processes while the checks ran; null where none could.</param>
    /// <returns>One finding a look: nothing that is counted, evidence that rules may stand on.</returns>
    public static async Task<IReadOnlyList<Finding>> LookAsync(SystemUnderTest system, IReadOnlyList<Finding> findings, ProcessWatch? watch, double slack, CancellationToken cancellationToken)
    {
        if (system.StateRoot is null || !findings.Any(f => f.Verdict == Verdict.Failed)) return [];
        var scene = new Scene(system, findings);
        // Who is where comes first: the others ask there.
        var services = await Task.WhenAll(scene.Processes.Select(s => RunAsync(scene, new ProcessState(s), slack, cancellationToken)));
        var rest = await Task.WhenAll(All(scene).Select(look => RunAsync(scene, look, slack, cancellationToken)));
        var now = system.Time.GetUtcNow();
        var pauses = new Finding("look.pauses", Check, "No process was stopped or held back while the checks ran", Verdict.Passed, null, null, null, watch is null ? [] : [.. watch.Pauses, .. watch.Groups], now, now);
        return [.. services.Concat(rest).Append(pauses).Where(f => f.Evidence.Count > 0)];
    }

    private static async Task<Finding> RunAsync(Scene scene, Look look, double slack, CancellationToken cancellationToken)
    {
        var time = scene.System.Time;
        var probe = new Probe(new Assertion(look.Id, look.Statement), time, slack);
        var startedAt = time.GetUtcNow();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within * slack);
        var before = Probe.Current;
        Probe.Current = probe;
        try
        {
            await look.RunAsync(scene, probe, limit.Token);
        }
        catch (Exception e) when (e is Refutation or NotJudged or HttpRequestException or WebSocketException or IOException or JsonException or UnauthorizedAccessException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            // What was seen until then stands; how it failed is evidence already.
        }
        finally
        {
            Probe.Current = before;
        }

        return new Finding(look.Id, Check, look.Statement, Verdict.Passed, null, null, null, probe.Evidence, startedAt, time.GetUtcNow());
    }
}
