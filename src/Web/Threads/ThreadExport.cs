using System.Text;
using System.Text.RegularExpressions;
using Throughline.Web.Markdown;

namespace Throughline.Web.Threads;

/// <summary>A thread as a Markdown document: questions, answers with their tables, and each figure's fact.</summary>
internal static partial class ThreadExport
{
    public static string FileName(string title)
    {
        var name = NotPlain().Replace(title.ToLowerInvariant(), "-").Trim('-');
        return (name.Length == 0 ? "thread" : name.Length > 60 ? name[..60] : name) + ".md";
    }

    public static string Markdown(string title, ThreadView thread)
    {
        var text = new StringBuilder().Append("# ").AppendLine(Escaped(title));
        foreach (var run in thread.Runs)
            text.AppendLine().Append(Markdown(run));
        return text.ToString();
    }

    public static string Markdown(RunView run)
    {
        var text = new StringBuilder().Append("## ").AppendLine(Escaped(run.Question.ReplaceLineEndings(" "))).AppendLine();
        foreach (var block in run.Blocks)
        {
            text.AppendLine(block switch
            {
                TextBlock words => PlainText.WithoutFigureLinks(words.Text.Trim()),
                TableBlock table => Table(table.Table.Title, [.. table.Table.Columns.Select(column => column.Name)],
                    table.Table.Rows.Select(row => row.Select(cell => cell.Hint is null ? cell.Text : $"{cell.Text} ({cell.Hint})"))),
                ChartBlock chart => Table($"{chart.Chart.Title}, {chart.Chart.Caption}", ["", chart.Chart.Unit], chart.Chart.Points.Select(point => new[] { point.Label, point.Text })),
                _ => "",
            }).AppendLine();
        }

        if (run.Result?.Figures is { Count: > 0 } figures)
        {
            text.AppendLine("Sources:").AppendLine();
            foreach (var figure in figures.DistinctBy(figure => figure.FactId))
                text.AppendLine($"- {Escaped(figure.Text)}: {Escaped(figure.Value)} {figure.Unit}, fact `{figure.FactId}`");
        }

        return text.ToString();
    }

    private static string Table(string title, IReadOnlyList<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        var text = new StringBuilder().Append("**").Append(Escaped(title)).AppendLine("**").AppendLine();
        text.Append("| ").AppendJoin(" | ", columns.Select(Escaped)).AppendLine(" |");
        text.Append('|').Append(string.Concat(Enumerable.Repeat(" --- |", columns.Count))).AppendLine();
        foreach (var row in rows)
            text.Append("| ").AppendJoin(" | ", row.Select(Escaped)).AppendLine(" |");
        return text.ToString();
    }

    // Values come from other people's files: nothing in them may become markup.
    private static string Escaped(string value) => Special().Replace(value.ReplaceLineEndings(" "), @"\$0");

    [GeneratedRegex(@"[\\`*_\[\]<>|#!]")]
    private static partial Regex Special();

    [GeneratedRegex(@"[^a-z0-9]+")]
    private static partial Regex NotPlain();
}
