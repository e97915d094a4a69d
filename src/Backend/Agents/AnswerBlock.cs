using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents;

/// <summary>One of: text in Markdown; a chart; a table. Figures are printed.</summary>
internal sealed record AnswerBlock(string? Text = null, ChartActivity? Chart = null, TableActivity? Table = null);
