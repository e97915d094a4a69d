using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>What this machine could not do to ask at all: it says nothing about who was to be asked, and services on it meet the same.</summary>
internal sealed class MachineRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        if (Case.FirstOrNull(Case.Of<EvidenceItem>(@case.Failed).Where(seen => HasNoPort(seen.Item))) is not { } first) yield break;
        yield return Cause(
            "machine", FaultCodes.NoPortLeft, "This machine has no port left for another connection: it could not even be asked for.",
            new Fix("Look at what holds them (ss -s, ss -tan state time-wait), and at net.ipv4.ip_local_port_range: few ports, or a program that opens connections without end."),
            @case.Where(f => f.Evidence.Any(e => HasNoPort(e) || e is HttpExchange { Failure: ExchangeFailure.Reset } or HttpExchange { Status: 502 or 503 } or SocketExchange { Failure: ExchangeFailure.Reset }) || Case.NeedsASocket(f)),
            first.Arrow("no port is left to ask from", $"{first.Finding.Id} could not be asked"));
    }

    private static bool HasNoPort(EvidenceItem item) => item is HttpExchange { Failure: ExchangeFailure.NoPort } or SocketExchange { Failure: ExchangeFailure.NoPort };
}
