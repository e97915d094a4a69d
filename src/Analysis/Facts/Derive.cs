namespace Throughline.Analysis.Facts;

/// <summary>The closed set of operators that make a figure from figures. What they make is a fact with its operands.</summary>
public static class Derive
{
    public static FactDraft Sum(string key, IReadOnlyList<FactDraft> terms, string subject) =>
        Derived(key, terms.Sum(term => term.Value), terms[0].Unit, subject, string.Join(" + ", terms.Select(Reference)), [.. terms]);

    public static FactDraft Difference(string key, FactDraft from, FactDraft minus, string subject) =>
        Derived(key, from.Value - minus.Value, from.Unit, subject, $"{Reference(from)} − {Reference(minus)}", from, minus);

    /// <exception cref="DivideByZeroException">There is no ratio to nothing: leave the figure out.</exception>
    public static FactDraft Ratio(string key, FactDraft of, FactDraft to, string subject) =>
        Derived(key, of.Value / to.Value, FactUnit.Times, subject, $"{Reference(of)} ÷ {Reference(to)}", of, to);

    /// <exception cref="DivideByZeroException">There is no share of nothing: leave the figure out.</exception>
    public static FactDraft Percent(string key, FactDraft part, FactDraft whole, string subject) =>
        Derived(key, part.Value / whole.Value * 100, FactUnit.Percent, subject, $"{Reference(part)} ÷ {Reference(whole)} × 100", part, whole);

    /// <summary>The place of a figure among others, the largest first.</summary>
    public static FactDraft Rank(string key, FactDraft of, IReadOnlyList<FactDraft> among, string subject) =>
        Derived(key, 1 + among.Count(other => other.Value > of.Value), FactUnit.Rank, subject, $"place of {Reference(of)}, the largest first", [of, .. among.Where(other => other.Key != of.Key)]);

    private static FactDraft Derived(string key, decimal value, string unit, string subject, string formula, params FactDraft[] operands) =>
        new(key, value, unit, subject, formula)
        {
            Operands = [.. operands.Select(operand => operand.Key)],
            Period = operands[0].Period,
            Entities = [.. operands.SelectMany(operand => operand.Entities).Distinct()],
        };

    private static string Reference(FactDraft fact) => $"{{{{f:{fact.Key}}}}}";
}
