using Throughline.Verify.Checks.Tokens;

namespace Throughline.Verify.Rules;

/// <summary>A piece of evidence, and where it lies.</summary>
internal readonly record struct Seen<T>(Finding Finding, int Index, T Item)
    where T : EvidenceItem
{
    public Arrow Arrow(string from, string to) => new(from, to, Finding.Id, Index);
}

/// <summary>Everything that was found, as rules read it.</summary>
internal sealed class Case(ProofGraph graph, IReadOnlyList<Finding> findings)
{
    private const int MaxWords = 300;
    private readonly HashSet<string> _claimed = [];

    /// <summary>When the first of all was begun.</summary>
    public DateTimeOffset? BeganAt { get; } = findings.Min(f => f.StartedAt);

    /// <summary>Whether services were killed to see how they come back.</summary>
    public bool Killed { get; } = findings.Any(f => f is { Check: "persistence" or "recovery", StartedAt: not null } || (f.Id.StartsWith("sync.killed.", StringComparison.Ordinal) && f.StartedAt is not null));

    public IReadOnlyList<Finding> Failed { get; } = [.. findings.Where(f => f.Verdict == Verdict.Failed)];

    /// <summary>Whether anything of that kind was shown to hold.</summary>
    public bool Holds(Func<Finding, bool> isOfKind) => findings.Any(f => f.Verdict == Verdict.Passed && isOfKind(f));

    /// <summary>Whether there is such evidence anywhere, in what holds as well.</summary>
    public bool Saw<T>(Func<T, bool> isSo)
        where T : EvidenceItem => findings.SelectMany(f => f.Evidence).OfType<T>().Any(isSo);

    /// <summary>Whether anything failed, or could not be shown, for a reason with these words.</summary>
    public bool Says(string words) => findings.Any(f => f.Verdict is Verdict.Failed or Verdict.Blocked && f.Reason?.Contains(words, StringComparison.Ordinal) == true);

    /// <summary>Failures that no cause explains yet. Rules that have only the symptom to go by look at these alone.</summary>
    public IEnumerable<Finding> Unclaimed => Failed.Where(f => !_claimed.Contains(f.Id));

    public void Claim(Cause cause)
    {
        foreach (var id in cause.Explains) _claimed.Add(id);
    }

    /// <summary>Evidence of a kind that was looked for after something had failed.</summary>
    public IEnumerable<Seen<T>> Looks<T>()
        where T : EvidenceItem => Of<T>(findings.Where(f => f.Check == Verify.Looks.Looking.Check));

    /// <summary>Evidence of a kind in the failures, controls left out.</summary>
    public static IEnumerable<Seen<T>> Of<T>(IEnumerable<Finding> some)
        where T : EvidenceItem =>
        from finding in some
        from pair in finding.Evidence.Select((item, index) => (item, index))
        where pair.item is T { IsControl: false }
        select new Seen<T>(finding, pair.index, (T)pair.item);

    public Seen<ServiceLook>? ServiceOf(string service) => FirstOrNull(Looks<ServiceLook>().Where(s => s.Item.Service == service));

    public Seen<HealthLook>? HealthOf(string service) => FirstOrNull(Looks<HealthLook>().Where(s => s.Item.Service == service));

    public Seen<DiscoveryLook>? RecordOf(string service) => FirstOrNull(Looks<DiscoveryLook>().Where(s => s.Item.Service == service));

    /// <summary>What the service logged of what failed there, by the ids of that very request, frame or run.</summary>
    public Seen<LogLook>? LogOf(Finding finding, string service)
    {
        var ids = finding.LoggedAs ?? [];
        return FirstOrNull(Looks<LogLook>().Where(s => s.Item.Service == service && s.Item.About?.Any(ids.Contains) == true));
    }

    public static Seen<T>? FirstOrNull<T>(IEnumerable<Seen<T>> all)
        where T : EvidenceItem
    {
        foreach (var seen in all) return seen;
        return null;
    }

    /// <summary>Failures in which the service took part, or one that needs it.</summary>
    public IReadOnlyList<string> At(string service)
    {
        var services = DependentsOf(service);
        return [.. Failed.Where(f => services.Any(s => Touches(f, s))).Select(f => f.Id)];
    }

    /// <summary>Failures whose evidence fits.</summary>
    public IReadOnlyList<string> Where(Func<Finding, bool> fits) => [.. Failed.Where(fits).Select(f => f.Id)];

    /// <summary>The service itself, and all that need it by some way.</summary>
    public IReadOnlySet<string> DependentsOf(string service)
    {
        var all = new HashSet<string> { service };
        foreach (var id in graph.StartOrder)
            if (graph.Services.First(s => s.Id == id).Needs.Any(all.Contains)) all.Add(id);
        return all;
    }

    public static bool Touches(Finding finding, string service) => finding.Id.EndsWith($".{service}", StringComparison.Ordinal) || finding.Reason == SystemUnderTest.NoRecordOf(service) || (service == "backend" && NeedsASocket(finding)) || finding.Evidence.Any(e => e switch
    {
        HttpExchange http => http.From?.Service == service,
        SocketExchange => service == "backend",
        HealthLook health => health.Service == service || (health.Status != "healthy" && health.Dependencies.TryGetValue(service, out var said) && !said.StartsWith("healthy", StringComparison.Ordinal)),
        DiscoveryLook look => look.Service == service,
        ProcessLook process => process.Service == service,
        BrowserLook => service == "frontend",
        _ => false,
    });

    /// <summary>It could not be asked at all, for want of a socket.</summary>
    public static bool NeedsASocket(Finding finding) => finding.Reason?.StartsWith(RefreshingTokens.NothingOpened, StringComparison.Ordinal) == true;

    /// <summary>What a service says of a dependency, behind its state: <c>degraded: …</c></summary>
    public static string After(string said) => said.Split(": ", 2).ElementAtOrDefault(1) ?? said;

    /// <summary>What it says of what failed, in one line.</summary>
    public static string WordsOf(LogLook log)
    {
        var words = Verify.Looks.LoggedFailures.WordsAfter(log.Lines[0], log.About!.First(id => log.Lines[0].Contains(id, StringComparison.Ordinal)));
        return words.Length <= MaxWords ? words : words[..MaxWords] + "…";
    }

    /// <summary>How the failure ended: its last exchange that was no control.</summary>
    public static EvidenceItem? LastExchange(Finding finding) => finding.Evidence.LastOrDefault(e => !e.IsControl && e is HttpExchange or SocketExchange);
}

/// <summary>Makes causes of evidence.</summary>
internal static class CaseCauses
{
    public static Cause Cause(string component, string fault, string sentence, Fix fix, IReadOnlyList<string> explains, params IReadOnlyList<Arrow> chain) =>
        new(component, fault, sentence, chain, fix, explains, []);

    public static string Asked(HttpExchange exchange) => $"{exchange.Method} {new Uri(exchange.Url).AbsolutePath}";

    /// <returns>Host and port.</returns>
    public static string PlaceOf(string url) => new Uri(url).Authority;
}

/// <summary>Something that evidence can show to be wrong. A rule says nothing where its evidence is missing.</summary>
internal interface IRule
{
    IEnumerable<Cause> Find(Case @case);
}
