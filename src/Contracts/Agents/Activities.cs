using Throughline.Contracts.Facts;

namespace Throughline.Contracts.Agents;

/// <summary>What a tool call came to: a sentence with figures, and the facts behind them.</summary>
/// <param name="Summary">One sentence in Markdown; a figure is a link <c>[$47.61](#f-FACTID)</c>.</param>
/// <param name="Facts">The facts it produced (the first hundred), without their rows.</param>
/// <param name="Error">Why there is no result, where the tool failed.</param>
public sealed record ToolResultContent(string Summary, IReadOnlyList<Figure> Facts, string? Error = null);

/// <summary>A chart: <c>ACTIVITY_SNAPSHOT</c> of type <c>throughline.chart</c>.</summary>
/// <param name="Kind"><c>bars</c> (horizontal, largest first) or <c>line</c> (a point per day).</param>
/// <param name="Caption">Period and unit, e.g. <c>1 to 23 Nov 2025, USD</c>.</param>
/// <param name="Summary">The chart in one sentence, for those who do not see it.</param>
/// <param name="Unit">Unit of the values, as <see cref="Fact.Unit"/>.</param>
public sealed record ChartActivity(
    string Title, string Caption, string Kind, string Unit, string Summary, IReadOnlyList<ChartPoint> Points);

/// <param name="Label">The bar's name, or the day as <c>2025-11-16</c>.</param>
/// <param name="Value">Exact decimal, invariant culture.</param>
/// <param name="Text">As printed.</param>
/// <param name="FactId">The source; absent for a point that is not a figure of the answer.</param>
/// <param name="Emphasis">Whether this is the bar or point that matters.</param>
/// <param name="Mark"><c>anomaly</c> or <c>forecast</c>; absent for an ordinary point.</param>
/// <param name="Low">Lower end of a forecast's band.</param>
/// <param name="High">Upper end of a forecast's band.</param>
/// <param name="Note">Words beside a marked point, e.g. <c>a usual Sunday is $8.71</c>.</param>
public sealed record ChartPoint(
    string Label, string Value, string Text, Guid? FactId = null, bool Emphasis = false, string? Mark = null,
    string? Low = null, string? High = null, string? Note = null);

/// <summary>A file that an approved action wrote: <c>ACTIVITY_SNAPSHOT</c> of type <c>throughline.document</c>; its bytes are <c>/api/documents/{id}</c>.</summary>
public sealed record DocumentActivity(Guid Id, string Name, string MediaType);

/// <summary>A table: <c>ACTIVITY_SNAPSHOT</c> of type <c>throughline.table</c>.</summary>
/// <param name="Kind"><c>plain</c>, or <c>plan</c> for a savings plan, whose last row is the total.</param>
public sealed record TableActivity(
    string Title, string Caption, string Kind, IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<TableCell>> Rows);

/// <param name="Align"><c>start</c> or <c>end</c>.</param>
public sealed record TableColumn(string Name, string Align = "start");

/// <param name="Text">Plain text.</param>
/// <param name="FactId">The source, where the cell is a figure.</param>
/// <param name="Hint">A second, quieter line.</param>
public sealed record TableCell(string Text, Guid? FactId = null, string? Hint = null);
