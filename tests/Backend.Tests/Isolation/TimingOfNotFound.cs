using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>Another's thing takes as long to be refused as one that does not exist: else time would tell what the answer hides.</summary>
public sealed class TimingOfNotFound(World world) : IClassFixture<World>
{
    private const double Threshold = 4.5;
    private const int WarmUp = 100;
    private const double KeptPercent = 90;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("thread", "GET", "backend", "/api/threads/")]
    [InlineData("run", "GET", "backend", "/api/runs/")]
    [InlineData("file", "GET", "backend", "/api/files/")]
    [InlineData("fact", "GET", "backend", "/api/facts/")]
    [InlineData("session", "DELETE", "auth", "/auth/sessions/")]
    [InlineData("key", "DELETE", "auth", "/auth/api-keys/")]
    public async Task Foreign_and_absent_take_the_same_time(string thing, string method, string service, string path)
    {
        var samples = SuiteSize.Of(300, 2_000);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = world.AddressOf(service) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", world.TokenOf(Caller.Other));
        var random = new Random(SuiteSize.Seed);
        var (foreign, absent) = (new List<double>(samples), new List<double>(samples));
        for (var i = -WarmUp; i < samples; i++)
        {
            // In pairs, each way round by lot, so that whatever else the machine does falls on both alike.
            var isForeignFirst = random.Next(2) == 0;
            for (var turn = 0; turn < 2; turn++)
            {
                var isForeign = isForeignFirst == (turn == 0);
                var elapsed = await TimeAsync(http, method, path + (isForeign ? world.IdOf(thing) : World.AbsentIdOf(thing)));
                if (i >= 0) (isForeign ? foreign : absent).Add(elapsed);
            }
        }

        // What a busy machine adds falls on few of the samples and is many times what is looked for: those are cut off, above one
        // bound for both. Reparaz et al., "Dude, is my code constant time?" (2017) §2.3.
        var bound = Statistics.Percentile([.. foreign, .. absent], KeptPercent);
        var t = Statistics.WelchT([.. foreign.Where(ms => ms <= bound)], [.. absent.Where(ms => ms <= bound)]);
        var whole = Statistics.WelchT(foreign, absent);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{thing}: t = {t:F2} over {samples} pairs ({whole:F2} with outliers), medians {Statistics.Percentile(foreign, 50):F3} and {Statistics.Percentile(absent, 50):F3} ms, seed {SuiteSize.Seed}"));
        Assert.InRange(t, -Threshold, Threshold);
        Assert.InRange(whole, -Threshold, Threshold);
    }

    private static async Task<double> TimeAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(request, Stop);
        await answer.Content.ReadAsByteArrayAsync(Stop);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        return elapsed;
    }
}
