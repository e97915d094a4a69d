using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>A name in the addresses that clients are given does not lead to its service on this machine.</summary>
internal sealed class NameRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var seen in @case.Looks<NameLook>())
        {
            var host = seen.Item.Host;
            if (seen.Item.Wrong is not { } wrong) continue;
            yield return Cause(
                "machine", FaultCodes.WrongName, $"{ProcessRules.Capital(wrong)}.",
                new Fix(host == "localhost" ? "Write the line '127.0.0.1 localhost' into /etc/hosts." : $"Mend the name server or /etc/hosts, or give an address in the place of {host}."),
                @case.Where(f => IsAskedBy(f, host)), seen.Arrow(wrong, $"whoever asks at {host} comes nowhere"));
        }
    }

    /// <summary>Whether the name of an address is known to be wrong: what is asked there says nothing about the service.</summary>
    public static bool IsWrong(Case @case, string url) => @case.Looks<NameLook>().Any(seen => seen.Item.Wrong is not null && seen.Item.Host == new Uri(url).Host);

    private static bool IsAskedBy(Finding finding, string host) => finding.Evidence.Any(e => e switch
    {
        HttpExchange http => (http.Failure is not null || http.From?.Instance is null) && new Uri(http.Url).Host == host, // nobody answered, or somebody else
        SocketExchange { Failure: not null } socket => new Uri(socket.Url).Host == host,
        // The backend takes pages of the frontend that it finds, and it asks by the same name.
        SocketExchange { HttpStatus: 403, Sent: { } sent } => sent.Contains($"://{host}", StringComparison.Ordinal),
        DiscoveryLook { Rejection: not null, ApiUrl: { } url } => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Host == host,
        _ => false,
    });
}
