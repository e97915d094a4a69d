using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Throughline.Launcher.Stack;
using Throughline.Launcher.Up;
using Throughline.Launcher.Verify;
using Throughline.Verify;
using Throughline.Verify.Faults;
using Throughline.Verify.Reports;

namespace Throughline.Launcher.Prove;

/// <summary><c>throughline prove</c>: breaks throw-away stacks on purpose, and shows that verify sees it and names it.</summary>
internal static class ProveCommand
{
    private static readonly Option<string[]> FaultNames = new("--fault") { Description = "A fault, or a family of them; may be given several times." };
    private static readonly Option<bool> All = new("--all") { Description = "Every fault and every control. The default." };
    private static readonly Option<bool> ListThem = new("--list") { Description = "Say which faults there are, and break nothing." };
    private static readonly Option<int> Random = new("--random") { Description = "So many pairs of faults, drawn at random, with frightening log lines beside them." };
    private static readonly Option<int> Controls = new("--controls") { Description = "So many harmless changes, drawn at random: none may fail anything." };
    private static readonly Option<int> Seed = new("--seed") { Description = "Draws the same pairs or controls again.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Stacks = new("--stacks") { Description = "How many stacks are broken side by side, at the most; by default one for each processor, up to four.", DefaultValueFactory = _ => ProveOptions.UsualStacks };
    private static readonly Option<string?> Scenario = new("--scenario") { Description = $"{Throughline.Verify.Faults.Prove.ThreeBugs}: a stripped token, another secret and a wrong record at once." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The folder for prove.md, prove.json, prove.html, and runs/ with what verify saw before the first fault and of each." };
    private static readonly Option<double> Slack = new("--slack") { Description = "Multiplies limits of time, for a machine that is busy with other things; the report says so.", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command("prove", """
            Break throw-away stacks on purpose, one fault at a time, and show that verify sees it, names it, and is green again after.

            Exit code 0: every fault was seen and named, every control was quiet · 1: one was not · 2: wrong usage · 4: the stack did not
            start, or was not green to begin with · 5: the run was stopped before its end. Ctrl-C puts everything back; what a kill leaves, the next run puts back first.

            Examples:
              throughline prove --list
              throughline prove --fault token-stripped --fault discovery
              throughline prove --scenario three-bugs
              throughline prove --all --out report
              throughline prove --random 10 --seed 7
              throughline prove --controls 100 --seed 7
            """) { FaultNames, All, ListThem, Random, Controls, Seed, Scenario, Stacks, Out, Slack };
        // Whatever follows --fault is a name to the parser, other options too.
        FaultNames.Validators.Add(names =>
        {
            foreach (var option in names.Tokens.Where(t => t.Value.StartsWith('-'))) names.AddError($"prove has no option '{option.Value}'. See: throughline prove --help");
        });
        Stacks.Validators.Add(stacks =>
        {
            if (stacks.GetValueOrDefault<int>() < 1) stacks.AddError("--stacks takes a number from 1 up.");
        });
        foreach (var drawn in (Option<int>[])[Random, Controls])
            drawn.Validators.Add(number =>
            {
                if (number.GetValueOrDefault<int>() < 1) number.AddError($"{drawn.Name} takes a number from 1 up.");
            });
        command.Validators.Add(given =>
        {
            Option[] ways = [FaultNames, All, Random, Controls, Scenario];
            if (ways.Where(way => given.GetResult(way) is { Implicit: false }).Select(way => way.Name).ToList() is { Count: > 1 } several) given.AddError($"Give one of {string.Join(" and ", several)}.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(ListThem)) return List();
        using var signals = new Signals(isDetached: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, signals.Stop);
        if (Throughline.Verify.Faults.Prove.Replay(ProofFile.Home) is > 0 and var left) await Console.Error.WriteLineAsync($"An earlier run had left {left} changes; they are undone.");
        var options = new ProveOptions(
            new VerifyOptions(VerifyCommand.Self()) { Slack = Math.Clamp(parsed.GetValue(Slack), 1, 100), Programs = Status.StatusReader.Services.ToDictionary(s => s, ServiceSpec.Locate) }, ProofFile.Home)
        {
            Names = parsed.GetValue(FaultNames) ?? [],
            Scenario = parsed.GetValue(Scenario),
            Pairs = parsed.GetValue(Random),
            Controls = parsed.GetValue(Controls),
            Seed = parsed.GetValue(Seed),
            Stacks = parsed.GetValue(Stacks),
        };
        try
        {
            var result = await Throughline.Verify.Faults.Prove.RunAsync(options, new LineProgress(), stop.Token);
            Write(result, options, parsed.GetValue(Out));
            return result.ExitCode;
        }
        catch (UnknownFaultException e)
        {
            throw new LauncherException(VerifyExit.Usage, e.Message, "See: throughline prove --list");
        }
        catch (BaselineException e)
        {
            throw new LauncherException(VerifyExit.NotStarted, e.Message, "Mend that first: throughline verify. On a busy machine, try --slack 5.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LauncherException.OfFiles(VerifyExit.NotStarted, e);
        }
    }

    private static void Write(ProveResult result, ProveOptions options, string? folder)
    {
        var graph = options.Verify.Graph;
        if (options.Scenario is not null && result.Faults is [{ Verdict: { } verdict }]) ConsoleReport.Write(verdict, AnsiConsole.Console);
        Console.WriteLine(ProveReport.Markdown(result, graph));
        new ProofFile(options.Home).Add(result);
        if (folder is null) return;
        var runs = Directory.CreateDirectory(Path.Combine(folder, "runs")).FullName;
        foreach (var (name, seen) in result.Runs) File.WriteAllText(Path.Combine(runs, $"{name}.json"), new JsonReport().Write(seen, ReportContext.Of(graph)));
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("prove.md", ProveReport.Markdown(result, graph)), ("prove.json", ProveReport.ToJson(result)), ("prove.html", ProveReport.Html(result, graph))])
        {
            var path = Path.GetFullPath(Path.Combine(folder, name));
            File.WriteAllText(path, text);
            Console.Error.WriteLine($"Wrote {path}");
        }
    }

    private static int List()
    {
        foreach (var family in Throughline.Verify.Faults.Prove.List().GroupBy(f => f.Family))
        {
            Console.WriteLine(family.Key);
            foreach (var (name, _, sentence, expected) in family) Console.WriteLine($"  {name,-26} {sentence}. {(expected is null ? "Nothing may fail." : $"Cause: {expected}")}");
        }

        return VerifyExit.Working;
    }

    private sealed class LineProgress : IProveProgress
    {
        private readonly long _began = TimeProvider.System.GetTimestamp();

        public void Phase(string what) => Say(what);

        public void Done(FaultResult result) => Say(
            $"  {ProveReport.Word(result.Outcome).ToUpperInvariant()} {result.Name}: {(result.Broken.Count == 0 ? "no check failed" : $"{string.Join(", ", result.Broken)} failed")}; {result.FirstCause ?? "no cause"}{(result.IsRestored ? "" : "; NOT PUT BACK")}{(result.Note is { } note ? $" ({note})" : "")}");

        private void Say(string text) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,6:0.0} s  {text}"));
    }
}
