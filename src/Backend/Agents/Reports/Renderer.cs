using Throughline.Analysis.Facts;
using Throughline.Analysis.Tools;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Reports;

/// <summary>Prints a draft: the only way from templates to what a person reads.</summary>
internal static class Renderer
{
    public static IReadOnlyList<AnswerBlock> Render(Draft draft, FactTable facts) => [.. draft.Blocks.Select(block => block switch
    {
        { Text: { } text } => new AnswerBlock(facts.Markdown(text)),
        { Chart: { } chart } => new AnswerBlock(Chart: Chart(chart, facts)),
        { Table: { } table } => new AnswerBlock(Table: Table(table, facts)),
        { Document: { } document } => new AnswerBlock(Document: document),
        _ => throw new ArgumentException("A block holds text, a chart, a table or a file.", nameof(draft)),
    })];

    /// <summary>Keys of all facts that a draft shows, in reading order.</summary>
    public static IReadOnlyList<string> Cited(Draft draft) => [.. draft.Blocks.SelectMany(block => block switch
    {
        { Text: { } text } => FactTable.FactsIn(text),
        { Chart: { } chart } => chart.Points.SelectMany(point => FactTable.FactsIn(point.Note ?? "").Prepend(point.FactKey)).Concat(FactTable.FactsIn(chart.Summary)).OfType<string>(),
        { Table: { } table } => table.Rows.SelectMany(row => row).SelectMany(
            cell => FactTable.FactsIn(cell.Text).Prepend(cell.FactKey).Concat(FactTable.FactsIn(cell.Hint ?? ""))).OfType<string>(),
        _ => [],
    }).Distinct()];

    private static ChartActivity Chart(ChartDraft chart, FactTable facts) => new(
        facts.Plain(chart.Title), facts.Plain(chart.Caption), chart.Kind, chart.Unit, facts.Plain(chart.Summary),
        [.. chart.Points.Select(point => new ChartPoint(
            point.Label, FigureFormat.Exact(point.Value),
            point.FactKey is { } key ? facts[key].Text : FigureFormat.Print(point.Value, chart.Unit),
            point.FactKey is { } source ? facts[source].Id : null, point.Emphasis, point.Mark,
            point.Low is { } low ? FigureFormat.Exact(low) : null, point.High is { } high ? FigureFormat.Exact(high) : null,
            point.Note is { } note ? facts.Plain(note) : null))]);

    private static TableActivity Table(TableDraft table, FactTable facts) => new(
        facts.Plain(table.Title), facts.Plain(table.Caption), table.Kind, table.Columns,
        [.. table.Rows.Select(row => (IReadOnlyList<TableCell>)[.. row.Select(cell => new TableCell(
            cell.FactKey is { } key ? facts[key].Text : facts.Plain(cell.Text), cell.FactKey is { } source ? facts[source].Id : null,
            cell.Hint is { } hint ? facts.Plain(hint) : null))])]);
}
