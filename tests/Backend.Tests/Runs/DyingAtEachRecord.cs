using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Throughline.Analysis.Sample;
using Throughline.Backend.Tests.Files;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Runs;

/// <summary>The backend is killed right before and right after each record of a run becomes durable, and started again.</summary>
public sealed partial class DyingAtEachRecord(GatedServices services) : IClassFixture<GatedServices>
{
    private const string Question = "Give me a full report: what did we spend by model, user, feature and day, and what should we change to save money?";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_run_ends_with_the_same_bytes_as_one_that_nobody_disturbed()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var file = (await alice.UploadAsync("usage.csv", await SampleAsync(), Stop)).Id;
        var (undisturbed, records) = await UndisturbedAsync(alice, file);

        var points = Enumerable.Range(1, records).SelectMany(at => new[] { (At: at, IsBefore: true), (At: at, IsBefore: false) }).ToArray();
        if (!SuiteSize.IsFull)
        {
            new Random(SuiteSize.Seed).Shuffle(points);
            points = points[..Math.Min(6, points.Length)];
        }

        var met = 0;
        foreach (var (at, isBefore) in points)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{(isBefore ? "before" : "after")}-{at}");
            if (await DieAsync(alice, file, place, at, isBefore, undisturbed)) met++;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{records} records, {points.Length} kills, of which {met} met the run under way, seed {SuiteSize.Seed}; {undisturbed.Count} events each time");
        Assert.InRange(met, points.Length / 2, points.Length); // records that share a transaction one time may not the other
    }

    private async Task<(IReadOnlyList<string> Events, int Records)> UndisturbedAsync(Member alice, Guid file)
    {
        await using var socket = await RawSocket.OpenAsync(services, alice, Stop);
        services.Gate.Restart();
        await socket.StartAsync("undisturbed", RawSocket.Input(Question, "undisturbed", "undisturbed", file), Stop);
        await socket.EndOfAsync("undisturbed", Stop);
        return (Whole(socket, "undisturbed"), services.Gate.Count);
    }

    /// <returns>Whether the backend died before the run had ended.</returns>
    private async Task<bool> DieAsync(Member alice, Guid file, string run, int at, bool isBefore, IReadOnlyList<string> undisturbed)
    {
        var input = RawSocket.Input(Question, run, run, file);
        IReadOnlyList<JsonElement> seen;
        bool isMet;
        await using (var socket = await RawSocket.OpenAsync(services, alice, Stop))
        {
            var reached = services.Gate.StopAt(at, isBefore);
            await socket.SendAsync(new { type = "run.start", id = run, input }, Stop);
            isMet = await Task.WhenAny(reached, socket.EndOfAsync(run, Stop)) == reached;
            await Services.KillAsync(services.Backend, Stop);
            services.Gate.Open();
            seen = socket.EventsOf(run);
        }

        await services.StartBackendAsync(Stop);
        using var again = await services.SignInAsync(alice.UserId, alice.Email, Stop); // clients of the new address
        await using var after = await RawSocket.OpenAsync(services, again, Stop);
        // Whether or not it was acknowledged: the same id again is the same run.
        Assert.Equal("ack", RawSocket.TypeOf(await after.StartAsync(run, input, Stop)));
        await after.SendAsync(new { type = "thread.subscribe", id = "rest", threadId = run, after = seen.Count }, Stop);
        await after.EndOfAsync(run, Stop);
        await using var anew = await RawSocket.OpenAsync(services, again, Stop);
        await anew.FollowAsync(run, Stop);
        await anew.EndOfAsync(run, Stop);

        Assert.Equal(undisturbed, Whole(anew, run));
        // Whoever was there before resumes behind what it has: not one twice, not one missing, not one changed.
        Assert.Equal(anew.EventsOf(run).Select(e => e.GetRawText()), seen.Concat(after.EventsOf(run).Where(e => RawSocket.SeqOf(e) > seen.Count).DistinctBy(RawSocket.SeqOf)).Select(e => e.GetRawText()));
        return isMet;
    }

    /// <summary>The thread's events, which must be dense and in order, without what differs between any two runs: times, and ids in the order in which they come.</summary>
    private static List<string> Whole(RawSocket socket, string run)
    {
        var events = socket.EventsOf(run).DistinctBy(RawSocket.SeqOf).ToList();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        var ids = new Dictionary<string, string>();
        return [.. events.Select(frame =>
        {
            var json = JsonNode.Parse(frame.GetProperty("event").GetRawText())!.AsObject();
            json.Remove("timestamp");
            json.Remove("metadata");
            var text = Id().Replace(json.ToJsonString(), match => ids.TryGetValue(match.Value, out var id) ? id : ids[match.Value] = $"id{ids.Count}");
            return text.Replace($"\"{run}\"", "\"run\"", StringComparison.Ordinal);
        })];
    }

    private static async Task<byte[]> SampleAsync()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("throughline-sample-").FullName, "usage.csv");
        try
        {
            await SampleGenerator.WriteFileAsync(path, SampleOptions.Default with { Rows = 2000 }, Stop);
            return await File.ReadAllBytesAsync(path, Stop);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}
