using Throughline.Verify.Checks.Journey;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>A service that runs and answers, and a discovery record that does not lead there.</summary>
internal sealed class RecordRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var service in ProcessRules.Services)
            if (@case.RecordOf(service) is { } seen && seen.Item.Rejection is not null && @case.ServiceOf(service) is { Item: { IsAlive: true, LaterPids.Count: 0 } } process && IsWell(process.Item) && Judge(@case, seen, process) is { } cause)
                yield return cause;
    }

    private static bool IsWell(ServiceLook look) => look.Ports.Count > 0 && (look.Service == "store" || look.DirectUrl is not null) && !look.States.Contains("T");

    private static Cause? Judge(Case @case, Seen<DiscoveryLook> seen, Seen<ServiceLook> process)
    {
        var (look, own) = (seen.Item, process.Item);
        var where = own.DirectUrl ?? $"port {string.Join(", ", own.Ports)}";
        if (Describe(look, own, where) is not { } described) return null; // it leads there, and what does not answer is another matter
        var (fault, sentence) = described;
        return Cause(
            "discovery", fault, sentence,
            Fix.By($"Let {look.Service} write it anew: kill -TERM {own.Pid}, and the launcher starts {look.Service} again.", "kill", "-TERM", $"{own.Pid}"), Explained(@case, look),
            process.Arrow($"{look.Service} runs and answers at {where}", "its record says otherwise"), seen.Arrow("its record says otherwise", $"clients do not find {look.Service}"));
    }

    private static (string Fault, string Sentence)? Describe(DiscoveryLook look, ServiceLook own, string where) => look switch
    {
        { Instance: null, Rejection: "it is no record" } => (FaultCodes.UnreadableRecord, $"The discovery record of {look.Service} ({look.Path}) cannot be read; {look.Service} answers at {where}."),
        { Instance: null } => (FaultCodes.MissingRecord, $"{ProcessRules.Capital(look.Service)} has no discovery record ({look.Path}), though it answers at {where}."),
        { Pid: { } pid } when pid != own.Pid => (FaultCodes.StaleRecord, $"The discovery record of {look.Service} speaks of process {pid}{(look.IsPidAlive == true ? "" : ", which is gone")}; {look.Service} is process {own.Pid} and answers at {where}."),
        { LeaseExpiresAt: { } lease } when lease <= look.At => (FaultCodes.StaleRecord, $"The lease in the discovery record of {look.Service} ran out at {lease:HH:mm:ss} UTC, and it is not renewed; {look.Service} answers at {where}."),
        _ when look.Port is { } port && !own.Ports.Contains(port) => (FaultCodes.WrongPort, $"The discovery record of {look.Service} names port {port}, where {WhoIsThere(look)}; process {own.Pid} listens on {string.Join(", ", own.Ports)} and answers at {where}."),
        { Answering: { Instance: { } other } } when other != look.Instance => (FaultCodes.WrongInstance, $"The discovery record of {look.Service} names instance {look.Instance}, but at its address {look.Answering.Service} {other} answers."),
        _ => null,
    };

    private static string WhoIsThere(DiscoveryLook look) => look.Answering is { Service: { } service } ? $"{service} answers" : look.PortHolder is { } holder ? $"{holder} listens" : "nobody listens";

    /// <summary>Looks at that record, whoever misses the service by it, and whatever was sent to the wrong place.</summary>
    private static IReadOnlyList<string> Explained(Case @case, DiscoveryLook look) => [.. @case.Where(f => f.Evidence.Any(e => e switch
    {
        DiscoveryLook d => d.Service == look.Service && d.Rejection is not null,
        HealthLook health => health.Dependencies.TryGetValue(look.Service, out var said) && !said.StartsWith("healthy", StringComparison.Ordinal),
        HttpExchange { IsControl: false } http => look.Port is { } port && new Uri(http.Url).Port == port && (http.From?.Instance is { } from ? from != look.Instance : http.Failure is not null) && IsOf(look.Service, http.Url),
        SocketExchange { IsControl: false, Failure: not null } socket => look.WsUrl is { } ws && new Uri(socket.Url).Authority == new Uri(ws).Authority && new Uri(ws).Port == look.Port,
        _ => false,
    }) || f.Id == $"startup.ready.{look.Service}" || f.Id is "startup.origin" or JourneyCheck.PagePassesId || f.Reason?.StartsWith("the greeting instance", StringComparison.Ordinal) == true || (f.Reason?.Contains(SystemUnderTest.NoRecordOf(look.Service), StringComparison.Ordinal) ?? false))
        .Union(look.Service == "auth" ? Missed(@case) : [])];

    /// <summary>Who does not find auth misses its users: so says the backend, and refuses those whom it does not know yet.</summary>
    private static IEnumerable<string> Missed(Case @case) =>
        @case.HealthOf("backend")?.Item.Dependencies.GetValueOrDefault("auth-feed")?.StartsWith("healthy", StringComparison.Ordinal) == false
            ? SyncRules.Behind(@case, @case.Failed).Concat(@case.Failed.Where(f => Case.LastExchange(f) is HttpExchange { Status: 503, Code: "unavailable", From.Service: "backend" })).Select(f => f.Id)
            : [];

    /// <summary>Which service a path belongs to, by the protocol.</summary>
    private static bool IsOf(string service, string url) => new Uri(url).AbsolutePath.Split('/')[1] switch
    {
        "auth" or "connect" or ".well-known" => service == "auth",
        "api" or "ws" or "internal" => service == "backend",
        _ => true,
    };
}
