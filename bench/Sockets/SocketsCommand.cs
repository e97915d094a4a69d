using System.CommandLine;
using System.Globalization;
using System.Text;
using Throughline.Bench.Sockets.Rows;

namespace Throughline.Bench.Sockets;

/// <summary>Measures the table, row by row, and prints it as Markdown. This process is the load client; each server is a process of its own.</summary>
internal static class SocketsCommand
{
    private const int UsualRounds = 5;

    /// <summary>A process holds as many as there are sockets in the largest row, and a few hundred files beside.</summary>
    private const int DescriptorsNeeded = 9_000;

    private static readonly IRow[] All = [new IdleRow(), new StreamsRow(), new FanOutRow(), new LatencyRow(), new StormRow(), new ReplayRow(), new AppendRow(), new GrowthRow(), new NodesRow()];

    private static readonly Option<string[]> Only = new("--only") { Description = $"Which rows: {string.Join(", ", All.Select(row => row.Name))}.", AllowMultipleArgumentsPerToken = true };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "How often each server has its turn.", DefaultValueFactory = _ => UsualRounds };

    private static readonly Option<FileInfo?> Out = new("--out") { Description = "Also writes the report to this file." };

    public static Task<int> RunAsync(string[] args)
    {
        Only.AcceptOnlyFromAmong([.. All.Select(row => row.Name)]);
        var command = new RootCommand("Throughline's sockets beside SignalR, Socket.IO and raw Kestrel.") { Only, Rounds, Out };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(Only) is { Length: > 0 } names ? [.. All.Where(row => names.Contains(row.Name))] : All, parsed.GetRequiredValue(Rounds), parsed.GetValue(Out)?.FullName));
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(IReadOnlyList<IRow> rows, int rounds, string? file)
    {
        if (DescriptorLimit() is { } limit and < DescriptorsNeeded)
        {
            await Console.Error.WriteLineAsync($"A process may open {limit:N0} files here, and the servers need {DescriptorsNeeded:N0}: raise the hard limit (ulimit -Hn), then try again.");
            return 2;
        }

        var began = TimeProvider.System.GetTimestamp();
        var report = new StringBuilder();
        void Say(string text)
        {
            Console.WriteLine(text);
            report.AppendLine(text);
        }

        Say($"{Environment.ProcessorCount} cores, load {LoadAverage()} at the start; .NET {Environment.Version}; loopback; medians of {rounds} rounds, in which the servers take turns.\n");
        if (await SocketIoFolder.FindAsync() is null) Say("Socket.IO is left out: it needs node, npm and a registry.\n");
        var results = new List<RowResult>();
        foreach (var row in rows)
            foreach (var result in await row.MeasureAsync(rounds))
            {
                results.Add(result);
                Say(Report.Of(result));
            }

        Say(Report.Of(results));
        Say(string.Create(CultureInfo.InvariantCulture, $"Load {LoadAverage()} at the end, after {TimeProvider.System.GetElapsedTime(began).TotalMinutes:0.0} minutes."));
        if (file is not null) await File.WriteAllTextAsync(file, report.ToString());
        return 0;
    }

    /// <summary>What .NET and node have raised theirs to at their start: the hard limit. Null where the system has none of the kind.</summary>
    private static int? DescriptorLimit() =>
        File.Exists("/proc/self/limits") && File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
            && int.TryParse(words[3], CultureInfo.InvariantCulture, out var limit) ? limit : null;

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
