using System.Globalization;
using Spectre.Console;

namespace Throughline.Verify.Reports;

/// <summary>The end of a run on the terminal: can a user chat, what broke, why, the fix, the money.</summary>
public static class ConsoleReport
{
    public static void Write(VerifyResult result, IAnsiConsole console)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(console);
        if (result.StartFailure is { } failure)
        {
            console.MarkupLineInterpolated($"[red bold]The stack did not start.[/] {failure}");
            return;
        }

        WriteChecks(result, console);
        console.WriteLine();
        console.MarkupLine(result.CanChat switch
        {
            true => "[green bold]A user can chat.[/]",
            false => "[red bold]A user cannot rely on chat.[/]",
            null => "[yellow bold]Whether a user can chat was not shown in full.[/]",
        });
        foreach (var cause in result.Causes.Take(5))
        {
            console.MarkupLineInterpolated($"  [red]{cause.Component}: {cause.Sentence}[/]");
            console.MarkupLineInterpolated($"    Fix: {cause.Fix.Text}{(cause.Fix.Command is { } command ? $" ({command})" : "")}");
        }

        WritePath(result, console);
        WriteMoney(result, console);
        var load = result.Machine.LoadAfter is { } l ? string.Create(CultureInfo.InvariantCulture, $", load {l:0.0} on {result.Machine.Cores} cores") : "";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Findings.Count(f => f.Verdict == Verdict.Passed)} of {result.Findings.Count} assertions hold. {result.ElapsedMs / 1000:0.0} s{load}. Exit code {result.ExitCode}."));
        if (result.Slack > 1) console.MarkupLineInterpolated($"[yellow]Limits of time were multiplied by {result.Slack}.[/]");
        if (result.Left is { Count: > 0 } left) console.MarkupLineInterpolated($"[yellow]Not erased: {string.Join(", ", left)}[/]");
    }

    private static void WriteChecks(VerifyResult result, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("", "check", "state", "holds", "fails", "blocked", "unknown", "excluded", "time");
        foreach (var check in result.Checks)
            table.AddRow(
                $"{check.Number}", Markup.Escape(check.Name), $"[{ColorOf(check.State)}]{check.State.ToString().ToUpperInvariant()}[/]", $"{check.Passed}", Count(check.Failed + check.Crashed, "red"),
                Count(check.Blocked, "yellow"), Count(check.Unknown, "yellow"), Count(check.Excluded, "grey"), check.ElapsedMs > 0 ? string.Create(CultureInfo.InvariantCulture, $"{check.ElapsedMs / 1000:0.0} s") : "");
        console.Write(table);
        foreach (var finding in result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Crashed or Verdict.Unknown))
            console.MarkupLineInterpolated($"  [{(finding.Verdict == Verdict.Unknown ? "yellow" : "red")}]{finding.Id}[/] {finding.Reason}");
    }

    private static void WritePath(VerifyResult result, IAnsiConsole console)
    {
        console.MarkupLine(string.Join(" → ", result.Steps.Select(s => $"[{ColorOf(s.State)}]{Markup.Escape(s.Name)}[/]")));
        foreach (var step in result.Steps.Where(s => s.State == StepState.Blocked))
            console.MarkupLineInterpolated($"  {step.Name} is BLOCKED by {string.Join(", ", step.By)}");
    }

    private static void WriteMoney(VerifyResult result, IAnsiConsole console)
    {
        var money = result.Money;
        console.WriteLine($"Monthly revenue: {Money.Text(money.Protected)} protected · {Money.Text(money.AtRisk)} exposed · {Money.Text(money.Unverified)} unverified · {Money.Text(money.Total)} in total ({money.Owner}, {money.Reviewed:yyyy-MM-dd}{(money.IsStale ? ", over 90 days old" : "")})");
        foreach (var share in money.Causes.Where(c => c.Exclusive + c.Shared > 0))
            console.WriteLine($"  mending {share.Cause} returns {Money.Text(share.Exclusive)}{(share.Shared > 0 ? $", and {Money.Text(share.Shared)} together with others" : "")}");
    }

    internal static string ColorOf(StepState state) => state switch
    {
        StepState.Working => "green",
        StepState.Broken => "red",
        StepState.Blocked => "yellow",
        StepState.Unknown => "yellow",
        StepState.Excluded => "grey",
    };

    private static string Count(int count, string color) => count == 0 ? "" : $"[{color}]{count}[/]";
}

/// <summary>Amounts as people read them.</summary>
internal static class Money
{
    public static string Text(decimal amount) => "$" + amount.ToString(amount == decimal.Truncate(amount) ? "N0" : "N2", CultureInfo.InvariantCulture);
}
