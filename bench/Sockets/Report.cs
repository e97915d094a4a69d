using System.Globalization;
using System.Text;
using Throughline.Bench.Sockets.Rows;

namespace Throughline.Bench.Sockets;

/// <summary>Rows as Markdown: a table of the goals, and for each row what each server did.</summary>
internal static class Report
{
    public static string Of(RowResult row)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### {row.Title}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| | {row.Unit}: median (least to most) | Throughline's for each of theirs | {row.RateUnit} | server CPU-s | client CPU-s | the client's ceiling, {row.RateUnit} | |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var series in row.Servers)
        {
            var ratio = series == row.Servers[0] ? "" : Figures.Of(row.Servers[0].RatioTo(series));
            var ceiling = series.ClientCeiling is { } most ? $"{Figures.Of(most)}{(series.IsClientNearItsCeiling ? ": **the client is near it**" : "")}" : "no client";
            text.Append(CultureInfo.InvariantCulture, $"| {series.Server} | {Figures.Of(series.Median)} ({Figures.Of(series.Least)} to {Figures.Of(series.Most)}) | {ratio} | {Figures.Of(series.MedianOf(s => s.Rate))} ")
                .Append(CultureInfo.InvariantCulture, $"| {Figures.Of(series.MedianOf(s => s.ServerCpu))} | {Figures.Of(series.MedianOf(s => s.ClientCpu))} | {ceiling} | {series.Note} |\n");
        }

        text.Append('\n');
        foreach (var goal in row.Goals) text.Append(CultureInfo.InvariantCulture, $"- {goal.Text}: {Figures.Of(goal.Result)}, {(goal.IsMet ? "met" : "**missed**")}\n");
        return text.ToString();
    }

    public static string Of(IEnumerable<RowResult> rows)
    {
        var text = new StringBuilder("| Work | Goal | Result | |\n|---|---|---|---|\n");
        foreach (var row in rows)
            foreach (var goal in row.Goals)
                text.Append(CultureInfo.InvariantCulture, $"| {(goal == row.Goals[0] ? row.Title : "")} | {goal.Text} | {Figures.Of(goal.Result)} | {(goal.IsMet ? "met" : "**missed**")} |\n");
        return text.ToString();
    }
}
