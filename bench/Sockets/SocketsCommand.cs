using System.Diagnostics;
using System.Globalization;
using Throughline.Bench.Sockets.Peers;

namespace Throughline.Bench.Sockets;

/// <summary>Events from where they are written to 1, 100 and 1,000 sockets, beside peers, in one run. Server and client are processes of their own; the table is Markdown.</summary>
internal static class SocketsCommand
{
    private static readonly (string Kind, string Name)[] All =
    [
        ("throughline", "Throughline: thread log, durable"), ("kestrel", "Kestrel WebSocket, bounded channel"), ("signalr", "SignalR, JSON hub"), ("socketio", "Socket.IO"),
    ];

    private static readonly (int Sockets, double Rate, int Calm, int Rush)[] Scenarios = [(1, 200, 600, 20_000), (100, 50, 150, 2_000), (1000, 5, 15, 300)];

    /// <summary>Of all in turn, so that a busy moment of the machine does not meet one alone; the table shows medians.</summary>
    private const int UsualRounds = 3;

    /// <param name="how">Nothing, or how many rounds; else a role that this command gave its own process.</param>
    public static async Task<int> RunAsync(string[] how)
    {
        switch (how)
        {
            case ["serve", var kind]:
                return await PeerHost.RunAsync(kind);
            case ["load", var kind, var url, var pid, var sockets, var rate, var calm, var rush]:
                using (var client = new LoadClient(kind, new Uri(url), Number(sockets)))
                    Console.WriteLine(await client.RunAsync(Number(pid), Number(rate), Number(calm), Number(rush)));
                return 0;
        }

        Console.WriteLine($"{Environment.ProcessorCount} cores, load {LoadAverage()} at the start; 128 B an event, loopback.\n");
        var rounds = how is [var times] ? Number(times) : UsualRounds;
        var peers = All.ToList();
        if (peers.Exists(peer => peer.Kind == "socketio") && await SocketIoFolder.FindAsync() is null)
        {
            peers.RemoveAll(peer => peer.Kind == "socketio");
            Console.WriteLine("Socket.IO is left out: it needs node, npm and a registry.\n");
        }

        var results = new Dictionary<(string Kind, int Sockets), List<LoadResult>>();
        for (var round = 0; round < rounds; round++)
            foreach (var (kind, _) in peers)
                foreach (var scenario in Scenarios)
                {
                    if (!results.TryGetValue((kind, scenario.Sockets), out var list)) results[(kind, scenario.Sockets)] = list = [];
                    list.Add(await MeasureAsync(kind, scenario));
                }

        Console.WriteLine(
            "| Server | Sockets | p50 ms | p99 ms | at events/s | most events/s | deliveries/s | deliveries per CPU-s | KiB a connection |\n|---|---|---|---|---|---|---|---|---|");
        foreach (var (kind, name) in peers)
            foreach (var scenario in Scenarios)
            {
                var result = LoadResult.MedianOf(results[(kind, scenario.Sockets)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {name} | {scenario.Sockets:N0} | {result.P50Ms:0.0} | {result.P99Ms:0.0} | {scenario.Rate:0} | {result.EventsPerSecond:N0} | {result.EventsPerSecond * scenario.Sockets:N0} | {result.DeliveriesPerCpuSecond:N0} | {(scenario.Sockets < 1000 ? "" : $"{result.KiBPerConnection:0.0}")} |"));
            }

        Console.WriteLine($"\nLoad {LoadAverage()} at the end. Medians of {rounds} rounds.");
        return 0;
    }

    private static async Task<LoadResult> MeasureAsync(string kind, (int Sockets, double Rate, int Calm, int Rush) scenario)
    {
        using var server = kind == "socketio"
            ? Start("node", ["--expose-gc", Path.Combine(AppContext.BaseDirectory, "Peers", "socketio.js")], await SocketIoFolder.FindAsync())
            : Start(Environment.ProcessPath!, ["serve", kind]);
        try
        {
            var url = (await server.StandardOutput.ReadLineAsync())?.Split(' ') is ["ready", var address] ? address : throw new InvalidOperationException($"{kind} did not start.");
            using var client = Start(Environment.ProcessPath!, ["load", kind, url, .. Texts(server.Id, scenario.Sockets, scenario.Rate, scenario.Calm, scenario.Rush)]);
            var answer = await client.StandardOutput.ReadToEndAsync();
            await client.WaitForExitAsync();
            return client.ExitCode == 0 ? LoadResult.Read(answer) : throw new InvalidOperationException($"{kind} with {scenario.Sockets} sockets could not be measured.");
        }
        finally
        {
            server.StandardInput.Close();
            if (!server.WaitForExit(TimeSpan.FromSeconds(10))) server.Kill();
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments, string? nodePath = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (nodePath is not null) start.Environment["NODE_PATH"] = nodePath;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static IEnumerable<string> Texts(params double[] numbers) => numbers.Select(number => number.ToString(CultureInfo.InvariantCulture));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
