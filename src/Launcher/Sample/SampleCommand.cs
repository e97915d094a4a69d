using System.CommandLine;
using System.CommandLine.Parsing;
using Throughline.Analysis.Sample;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Sample;

/// <summary><c>throughline sample</c>: usage data to try things with, and the true answers beside it.</summary>
internal static class SampleCommand
{
    private static readonly Option<long> Rows = new("--rows") { Description = "How many requests, 1 to 1,000,000,000.", DefaultValueFactory = _ => SampleOptions.Default.Rows };
    private static readonly Option<long> Seed = new("--seed") { Description = "The same seed gives the same bytes; another one another company.", DefaultValueFactory = _ => SampleOptions.Default.Seed };
    private static readonly Option<int> Days = new("--days") { Description = "How many days it covers, 1 to 400.", DefaultValueFactory = _ => SampleOptions.Default.Days };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The file to write; .gz behind the name packs it. Default: usage.csv or usage.jsonl." };
    private static readonly Option<string> Format = new("--format") { Description = "csv or jsonl.", DefaultValueFactory = _ => "csv" };

    public static Command Create()
    {
        var command = new Command("sample", """
            Write realistic usage data (models, users, features, an anomaly, repeated prompts) and, beside it, its true answers.

            Example:
              throughline sample --rows 1000000 --out usage.csv.gz
            """) { Rows, Seed, Days, Out, Format };
        Format.AcceptOnlyFromAmong("csv", "jsonl");
        Rows.Validators.Add(result => RequireBetween(result, result.GetValueOrDefault<long>(), 1, 1_000_000_000));
        Days.Validators.Add(result => RequireBetween(result, result.GetValueOrDefault<int>(), 1, 400));
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(Out) ?? $"usage.{parsed.GetValue(Format)}";
        if (parsed.GetResult(Format) is { Implicit: false } && !NamesFormat(path, parsed.GetValue(Format)!))
            throw new LauncherException(
                ExitCode.Configuration, $"--out {path} does not end in .{parsed.GetValue(Format)}, which --format asks for.", "The ending says how the file is written; leave out one of the two.");
        var options = SampleOptions.Default with { Rows = parsed.GetValue(Rows), Seed = parsed.GetValue(Seed), Days = parsed.GetValue(Days) };
        try
        {
            await SampleGenerator.WriteFileAsync(path, options, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LauncherException(ExitCode.Configuration, $"{path} cannot be written: {e.Message}", "Name another file with --out.");
        }

        Console.WriteLine($"Wrote {options.Rows:N0} requests to {path}, and what is true of them to {SampleGenerator.AnswersPath(path)}.");
        Console.WriteLine($"Try: throughline ask \"What did we spend, and on what?\" --file {path}");
        return ExitCode.Stopped;
    }

    private static bool NamesFormat(string path, string format)
    {
        var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return plain.EndsWith($".{format}", StringComparison.OrdinalIgnoreCase);
    }

    private static void RequireBetween(OptionResult result, long value, long least, long most)
    {
        if (value < least || value > most)
            result.AddError($"{result.Option.Name} must lie between {least:N0} and {most:N0}.");
    }
}
