using Throughline.Analysis.Tools;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Reports;

/// <summary>An answer before its figures are printed: blocks in reading order.</summary>
/// <param name="Plan">The recommendations it makes.</param>
internal sealed record Draft(IReadOnlyList<DraftBlock> Blocks, IReadOnlyList<string> FollowUps, IReadOnlyList<PlanAction> Plan)
{
    /// <summary>All of its prose.</summary>
    public string Text => string.Join("\n\n", Blocks.Select(block => block.Text).OfType<string>());
}

/// <summary>One of: text, a template in Markdown; a chart; a table; a file that was written.</summary>
internal sealed record DraftBlock(string? Text = null, ChartDraft? Chart = null, TableDraft? Table = null, DocumentActivity? Document = null);

internal sealed record TableDraft(
    string Title, string Caption, string Kind, IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<CellDraft>> Rows);

/// <param name="Text">A template.</param>
internal sealed record CellDraft(string Text, string? FactKey = null, string? Hint = null);

/// <summary>What the journal keeps before the first word of the answer is sent.</summary>
/// <param name="FirstRows">Fact key → the first rows behind it.</param>
internal sealed record GatedAnswer(
    IReadOnlyList<AnswerBlock> Blocks, RunQuality Quality, IReadOnlyList<string> Cited, IReadOnlyList<string> FollowUps,
    IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> FirstRows, IReadOnlyList<ModelUsage>? Usage = null);
