using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>What a tool found: facts, and templates that refer to them.</summary>
/// <param name="Summary">One sentence: figures as <c>{{f:key}}</c>, dates and names as <c>{{t:key}}</c>.</param>
/// <param name="Query">The query in words.</param>
public sealed record ToolOutput(string Summary, string Query, IReadOnlyList<FactDraft> Facts)
{
    /// <summary>Dates, times and names for templates: they are not figures, but no prose may make them up either.</summary>
    public IReadOnlyDictionary<string, string> Terms { get; init; } = new Dictionary<string, string>();

    public ChartDraft? Chart { get; init; }

    public IReadOnlyList<PlanAction> Actions { get; init; } = [];

    /// <summary>Why there is less than was asked for, e.g. a column that the file lacks.</summary>
    public string? Missing { get; init; }

    /// <summary>A list's members in order, as suffixes of fact keys.</summary>
    public IReadOnlyList<string> Items { get; init; } = [];
}

/// <param name="Kind"><c>bars</c> or <c>line</c>.</param>
/// <param name="Summary">A template.</param>
public sealed record ChartDraft(string Title, string Caption, string Kind, string Unit, string Summary, IReadOnlyList<ChartPointDraft> Points);

/// <param name="Note">A template.</param>
public sealed record ChartPointDraft(
    string Label, decimal Value, string? FactKey = null, bool Emphasis = false, string? Mark = null,
    decimal? Low = null, decimal? High = null, string? Note = null);

/// <summary>One recommended change.</summary>
/// <param name="Title">The change, with its target, as a template.</param>
/// <param name="Hint">Why it saves, as a template.</param>
/// <param name="SavingKey">The fact of its saving.</param>
/// <param name="Check">How to see that it works.</param>
/// <param name="Rows">Which rows it changes: no two actions of a plan share one.</param>
public sealed record PlanAction(
    string Id, string Title, string Hint, string SavingKey, string Target, string Effort, string Risk, string Check, string Undo,
    RowFilter Rows, bool Substitutes = false);
