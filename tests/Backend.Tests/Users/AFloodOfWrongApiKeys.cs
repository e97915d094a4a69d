using System.Net;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Tests.Users;

/// <summary>On services of its own: afterwards auth is not asked about keys for some seconds, if it could not follow.</summary>
public sealed class AFloodOfWrongApiKeys(Services services) : IClassFixture<Services>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_opens_nothing_and_keeps_no_known_key_out()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var known = await alice.Auth.CreateKeyAsync(Stop, "api");
        using var http = services.Backend.Url.Bringing(known.Key);
        await TakeAsync(http);

        var flood = Parallel.ForEachAsync(Enumerable.Range(0, 1500), new ParallelOptions { MaxDegreeOfParallelism = 128, CancellationToken = Stop }, async (_, stop) =>
        {
            using var wrong = services.Backend.Url.Bringing(ApiKeyText.New());
            using var answer = await wrong.GetAsync("/api/threads", stop);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
        });
        var asked = 0;
        do
        {
            await TakeAsync(http);
            asked++;
        }
        while (!flood.IsCompleted);
        await flood;
        TestContext.Current.TestOutputHelper?.WriteLine($"1500 wrong keys; {asked} requests with a known one meanwhile");
    }

    private static async Task TakeAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/api/threads", Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
    }
}
