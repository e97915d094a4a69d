using System.Text.RegularExpressions;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>An answer that nobody of ours gave: each service names its instance in every answer, and so does the frontend where it has none to pass on.</summary>
internal sealed partial class StrangerRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var place in @case.Unclaimed.Where(IsStrange).Select(f => Case.Of<HttpExchange>([f]).Last()).GroupBy(seen => PlaceOf(seen.Item.Url)).ToList())
        {
            var (first, answer) = (place.First(), place.First().Item);
            var isOursElsewhere = @case.Saw<HttpExchange>(e => e.From?.Instance is not null && PlaceOf(e.Url) == place.Key);
            var said = TextOf(answer);
            yield return Cause(
                "proxy", FaultCodes.Answers,
                isOursElsewhere
                    ? $"What stands in front of {place.Key} answers {Asked(answer)} with {answer.Status} by itself{said}: the answer names no instance, as all of ours do."
                    : $"What answers at {place.Key} is no Throughline{said}: none of its answers names an instance.",
                new Fix(FixOf(answer, place.Key)), [.. place.Select(seen => seen.Finding.Id)],
                first.Arrow("the answer is nobody's of ours", $"{answer.Status} instead of what was asked for"));
        }
    }

    private static bool IsStrange(Finding finding) => Case.LastExchange(finding) is HttpExchange { Status: not null, From.Instance: null };

    private static string FixOf(HttpExchange answer, string place) => answer.Status switch
    {
        413 => $"Let the reverse proxy at {place} take larger bodies, such as client_max_body_size 2g in nginx.",
        401 or 403 or 405 => $"Let the reverse proxy or firewall at {place} pass {Asked(answer)}, with its headers as they are.",
        502 or 503 or 504 => $"Look at what the reverse proxy at {place} passes requests to, and how long it waits: it does not get an answer.",
        _ => $"Look at what stands between clients and {place}: a reverse proxy, a firewall, a page that somebody put there.",
    };

    private static string TextOf(HttpExchange answer)
    {
        var text = Spaces().Replace(Tags().Replace(answer.Body ?? "", " "), " ").Trim();
        return text.Length == 0 ? "" : $" (\"{(text.Length > 80 ? text[..80] + "…" : text)}\")";
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
