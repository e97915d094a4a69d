using System.Globalization;
using System.Text.RegularExpressions;
using Throughline.Contracts.Facts;

namespace Throughline.Web.Figures;

/// <summary>A fact's parts in words.</summary>
internal static partial class FactWords
{
    /// <summary><c>47.608895 USD, shown to the cent</c>.</summary>
    public static string ExactValue(Fact fact)
    {
        var value = Grouped(fact.Value);
        var unit = fact.Unit == "usd" ? "USD" : fact.Unit;
        var shown = fact.Unit == "usd" && fact.Precision == 2 ? "the cent" : fact.Precision switch
        {
            0 => "a whole number",
            1 => "one decimal",
            _ => $"{fact.Precision} decimals",
        };
        return DecimalsOf(fact.Value) <= fact.Precision ? $"{value} {unit}, exact" : $"{value} {unit}, shown to {shown}";
    }

    /// <summary>A formula's parts: words, and the operands between them.</summary>
    public static IEnumerable<(string Words, FactOperand? Operand)> Formula(Fact fact)
    {
        var from = 0;
        foreach (Match match in Reference().Matches(fact.Formula))
        {
            if (match.Index > from)
                yield return (Words(fact, from, match.Index), null);
            var operand = fact.Operands.FirstOrDefault(candidate => candidate.Key == match.Groups[1].Value);
            yield return (operand is null ? match.Groups[1].Value : "", operand);
            from = match.Index + match.Length;
        }

        if (from < fact.Formula.Length)
            yield return (Words(fact, from, fact.Formula.Length), null);
    }

    /// <summary><c>gpt-4o input, $2.50 per M since 2 Oct 2024</c>.</summary>
    public static string Price(FactPrice price) => string.Create(CultureInfo.InvariantCulture,
        $"{price.Model} {price.Kind}, ${Money(price.UsdPerMillion)} per M, since {price.From:d MMM yyyy}");

    /// <summary>A subject begins a line of its own.</summary>
    public static string Subject(Fact fact) => Capitalised(fact.Subject);

    private static string Words(Fact fact, int from, int to) => from == 0 ? Capitalised(fact.Formula[..to]) : fact.Formula[from..to];

    private static string Capitalised(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Money(string value) =>
        decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("#,##0.00######", CultureInfo.InvariantCulture)
            : value;

    private static string Grouped(string value) =>
        decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("#,##0." + new string('0', DecimalsOf(value)), CultureInfo.InvariantCulture).TrimEnd('.')
            : value;

    private static int DecimalsOf(string value)
    {
        var dot = value.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? 0 : value[(dot + 1)..].TrimEnd('0').Length;
    }

    [GeneratedRegex(@"\{\{f:([^}]+)\}\}")]
    private static partial Regex Reference();
}
