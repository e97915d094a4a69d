using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents;

/// <summary>One of: text in Markdown; a chart; a table; a file that was written. Figures are printed.</summary>
internal sealed record AnswerBlock(string? Text = null, ChartActivity? Chart = null, TableActivity? Table = null, DocumentActivity? Document = null);
