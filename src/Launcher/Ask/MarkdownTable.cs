using System.Text;
using Throughline.Contracts.Agents;

namespace Throughline.Launcher.Ask;

internal static class MarkdownTable
{
    public static string Write(TableActivity table)
    {
        var text = new StringBuilder().AppendLine().Append("**").Append(table.Title).AppendLine("**").AppendLine();
        Row(text, table.Columns.Select(c => c.Name));
        Row(text, table.Columns.Select(c => c.Align == "end" ? "---:" : "---"), escape: false);
        foreach (var row in table.Rows)
            Row(text, row.Select(c => c.Hint is null ? c.Text : $"{c.Text} ({c.Hint})"));
        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells, bool escape = true) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(c => escape ? c.Replace("|", "\\|", StringComparison.Ordinal) : c)).AppendLine(" |");
}
