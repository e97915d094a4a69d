using System.Globalization;
using System.Text;
using static System.Net.WebUtility;

namespace Throughline.Verify.Reports;

/// <summary>The path as a drawing: a box for each step, an arrow from what it needs. The table beside it says the same in words.</summary>
internal static class PathDrawing
{
    private const int Width = 150;
    private const int Height = 56;
    private const int Gap = 40;

    public static string Draw(ProofGraph graph, IReadOnlyList<StepStatus> states)
    {
        var columns = ColumnsOf(graph);
        var (places, rows) = (new Dictionary<string, (int X, int Y)>(), new Dictionary<int, int>());
        foreach (var step in graph.Steps)
        {
            var column = columns[step.Id];
            var row = rows[column] = rows.GetValueOrDefault(column, -1) + 1;
            places[step.Id] = (10 + column * (Width + Gap), 10 + row * (Height + Gap));
        }

        var (width, height) = (places.Values.Max(p => p.X) + Width + 10, places.Values.Max(p => p.Y) + Height + 10);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"The path, drawn\"><svg role=\"img\" aria-label=\"{HtmlEncode(string.Join(", ", states.Select(s => $"{s.Name} {Words.Of(s.State)}")))}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\"><defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" class=\"tip\"/></marker></defs>");
        foreach (var step in graph.Steps)
            foreach (var need in step.Needs)
            {
                var (from, to) = (places[need], places[step.Id]);
                svg.Append(CultureInfo.InvariantCulture, $"<line class=\"edge\" x1=\"{from.X + Width}\" y1=\"{from.Y + Height / 2}\" x2=\"{to.X - 2}\" y2=\"{to.Y + Height / 2}\" marker-end=\"url(#arrow)\"/>");
            }

        foreach (var state in states)
        {
            var (x, y) = places[state.Id];
            svg.Append(CultureInfo.InvariantCulture, $"<g class=\"step {HtmlReport.Tone(state.State)}\"><rect x=\"{x}\" y=\"{y}\" width=\"{Width}\" height=\"{Height}\" rx=\"8\"/><text x=\"{x + Width / 2}\" y=\"{y + 24}\">{HtmlEncode(state.Name)}</text><text class=\"state\" x=\"{x + Width / 2}\" y=\"{y + 43}\">{Words.Of(state.State)}</text></g>");
        }

        return svg.Append("</svg></div>").ToString();
    }

    /// <summary>As far to the right as the longest way to it.</summary>
    private static Dictionary<string, int> ColumnsOf(ProofGraph graph)
    {
        var byId = graph.Steps.ToDictionary(s => s.Id);
        var columns = new Dictionary<string, int>();
        foreach (var id in TopologicalOrder.Of([.. graph.Steps.Select(s => (s.Id, s.Needs))]))
            columns[id] = byId[id].Needs.Select(n => columns[n] + 1).DefaultIfEmpty(0).Max();
        return columns;
    }
}
