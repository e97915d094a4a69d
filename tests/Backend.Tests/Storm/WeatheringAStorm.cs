using System.Globalization;
using Throughline.Client.Connection;
using Throughline.Client.Runs;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Storm;

/// <summary>People ask while the network and the services fail by a schedule that a seed draws: what was acknowledged is answered once, in order, without a gap.</summary>
public sealed class WeatheringAStorm(StormServices services) : IClassFixture<StormServices>
{
    private const int People = 4;
    private const int EventsEach = 250; // of a schedule: 40 of them see 10,000
    private const int SignInEach = 50; // schedules: well before the access tokens end
    private static readonly int Schedules = SuiteSize.Of(40, 2000);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_doubled_or_out_of_order()
    {
        var members = new Member[People];
        for (var i = 0; i < People; i++) members[i] = await services.SignUpAsync($"person-{i}", Stop);
        var (struck, recoveries, events) = (new Dictionary<string, int>(), new List<double>(), 0L);
        for (var schedule = 0; schedule < Schedules; schedule++)
        {
            if (schedule % SignInEach == SignInEach - 1)
                for (var i = 0; i < People; i++) members[i] = await services.SignInAsync(members[i].UserId, members[i].Email, Stop);
            var random = new Random(unchecked((SuiteSize.Seed * 31) + schedule));
            events += await RunAsync(schedule, random, members, struck, recoveries);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Schedules} schedules, seed {SuiteSize.Seed}, {struck.Values.Sum()} faults of {struck.Count} kinds, {events} events; from mended to the next answer on every line: p50 {Statistics.Percentile(recoveries, 50):0.00} s, p99 {Statistics.Percentile(recoveries, 99):0.00} s, max {recoveries.Max():0.00} s"));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", struck.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}")));
        Assert.True(struck.Count >= 12, $"Only {struck.Count} kinds of faults were drawn.");
    }

    /// <returns>Events that came.</returns>
    private async Task<long> RunAsync(int schedule, Random random, IReadOnlyList<Member> members, Dictionary<string, int> struck, List<double> recoveries)
    {
        var kinds = Faults.Of(services, Stop);
        var options = new ThreadConnectionOptions { FirstBackoff = TimeSpan.FromMilliseconds(50), LongestBackoff = TimeSpan.FromMilliseconds(500), ConnectTimeout = TimeSpan.FromSeconds(3) };
        var streams = members.Select(member => new LiveStream(
            new ThreadConnection(services.Socket, new FixedToken(member.AccessToken), options), $"storm-{schedule}", new Question("What can you do?") { ThreadId = $"storm-{schedule}" })).ToList();
        try
        {
            for (var i = 0; i < streams.Count; i++) streams[i].Begin(AskEvery * i / streams.Count, AskEvery, Stop);
            while (streams.Sum(stream => stream.Events) < EventsEach)
            {
                foreach (var stream in streams) await stream.AnsweredAsync(stream.Answered + random.Next(1, 3), Stop);
                var fault = kinds[random.Next(kinds.Count)](random);
                struck[fault.Name] = struck.GetValueOrDefault(fault.Name) + 1;
                TestContext.Current.TestOutputHelper!.WriteLine($"schedule {schedule}: {fault.Name}");
                await fault.Strike();
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(10, 400)), TimeProvider.System, Stop);
                await fault.Mend();
                var mended = TimeProvider.System.GetTimestamp();
                foreach (var (stream, next) in streams.Select(stream => (stream, stream.Answered + 1)).ToList()) await stream.AnsweredAsync(next, Stop);
                recoveries.Add(TimeProvider.System.GetElapsedTime(mended).TotalSeconds);
            }

            await Task.WhenAll(streams.Select(stream => stream.EndAsync()));
            foreach (var stream in streams) stream.AssertWhole();
            return streams.Sum(stream => (long)stream.Events);
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }
}
