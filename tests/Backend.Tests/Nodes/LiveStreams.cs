using Throughline.Analysis.Sample;
using Throughline.Client.Connection;
using Throughline.Client.Runs;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Nodes;

/// <summary>Many people who ask one question after the other, each in a thread and on a connection of its own, and who count what they see.</summary>
internal sealed class LiveStreams : IAsyncDisposable
{
    private const int StreamsPerUser = 8; // of ten sockets
    private static readonly int ReportEvery = SuiteSize.Of(4, 40);
    private const string Report = "Give me a full report: what did we spend by model, user, feature and day, and what should we change to save money?";

    private readonly List<TestUser> _users = [];
    private readonly List<LiveStream> _streams = [];

    public IReadOnlyList<LiveStream> Streams => _streams;

    public static async Task<LiveStreams> BeginAsync(ThreeNodes platform, int count, TimeSpan period, CancellationToken stop)
    {
        var all = new LiveStreams();
        var rows = await SampleAsync(stop);
        Guid file = default;
        for (var i = 0; i < count; i++)
        {
            if (i % StreamsPerUser == 0)
            {
                all._users.Add(await platform.SignUpAsync("stream", stop));
                file = (await all._users[^1].UploadAsync("usage.csv", rows, stop)).Id;
            }

            // Some take their time, so that a node's end meets them at work.
            var question = i % ReportEvery == 0 ? new Question(Report) { FileIds = [file] } : new Question("What can you do?");
            var thread = $"thread-{i}";
            all._streams.Add(new LiveStream(new ThreadConnection(platform.PublicSocket, all._users[^1].Login), thread, question with { ThreadId = thread }));
        }

        // Spread, so that the load is even, and each user keeps to its messages a second.
        for (var i = 0; i < count; i++) all._streams[i].Begin(period * ((double)((i % StreamsPerUser * count / StreamsPerUser) + (i / StreamsPerUser)) / count), period, stop);
        foreach (var stream in all._streams) await stream.AnsweredAsync(1, stop);
        return all;
    }

    public void MeasureAnew() => _streams.ForEach(stream => stream.MeasureAnew());

    /// <summary>Waits until each has had so many more answers.</summary>
    public async Task AnswerOnAsync(int more, CancellationToken stop)
    {
        foreach (var (stream, until) in _streams.Select(stream => (stream, stream.Answered + more)).ToList()) await stream.AnsweredAsync(until, stop);
    }

    /// <summary>Asks no more, and waits for what is open.</summary>
    public Task EndAsync() => Task.WhenAll(_streams.Select(stream => stream.EndAsync()));

    private static async Task<byte[]> SampleAsync(CancellationToken stop)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("throughline-sample-").FullName, "usage.csv");
        try
        {
            await SampleGenerator.WriteFileAsync(path, SampleOptions.Default with { Rows = 5000 }, stop);
            return await File.ReadAllBytesAsync(path, stop);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams) await stream.DisposeAsync();
        foreach (var user in _users) await user.DisposeAsync();
    }
}
