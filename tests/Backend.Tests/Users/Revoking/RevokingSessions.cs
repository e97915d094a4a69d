using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Revoking;

/// <summary>With many sockets open on two nodes: whichever way a session ends, its sockets close with 4004 and its tokens are refused, and nobody else's.</summary>
public sealed class RevokingSessions(RevocationServices services) : IClassFixture<RevocationServices>
{
    private const int SessionRevoked = 4004;

    private static readonly int Sockets = SuiteSize.Of(200, 1_000);
    private static readonly int PeopleEachWay = SuiteSize.Of(1, 4);

    /// <summary>The promise of protocol §4, and twice that where only the feed is left.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PromisedWithoutStore = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Every_socket_of_a_session_that_ends_closes_and_nobody_elses()
    {
        var stop = TestContext.Current.CancellationToken;
        using var admin = await services.AdministratorAsync(stop);
        using var ways = new WaysOut(services, admin);
        await RevokeAllAsync("with the store", await GatherAsync(ways, stop), Promised, stop);

        // Nobody signs in without the store: those of the second round have before.
        var others = await GatherAsync(ways, stop);
        await Services.KillAsync(services.Store, stop);
        await RevokeAllAsync("without the store", others, PromisedWithoutStore, stop);

        await services.StartStoreAsync(stop);
    }

    private async Task RevokeAllAsync(string circumstance, List<(WayOut? Way, List<Person> People)> groups, TimeSpan within, CancellationToken stop)
    {
        var each = (int)Math.Ceiling((double)Sockets / groups.Sum(g => g.People.Count));
        var open = new List<WatchedSocket>();
        try
        {
            foreach (var person in groups.SelectMany(g => g.People))
                for (var i = 0; i < each; i++)
                    open.Add(await WatchedSocket.OpenAsync(services.Backends[i % services.Backends.Count], person.Target.AccessToken, stop));
            Print($"{open.Count} sockets of {groups.Sum(g => g.People.Count)} users on {services.Backends.Count} nodes, {circumstance}");

            var next = 0;
            foreach (var (way, people) in groups)
            {
                var own = open.GetRange(next, each * people.Count);
                next += own.Count;
                if (way is not null) await RevokeAsync(way, people, own, within, stop);
                else Assert.All(own, socket => Assert.True(socket.IsOpen, "A control's socket closed."));
            }
        }
        finally
        {
            foreach (var socket in open) await socket.DisposeAsync();
            foreach (var person in groups.SelectMany(g => g.People)) person.Dispose();
        }
    }

    /// <summary>People for each way, and at the end those to whom nothing must happen.</summary>
    private async Task<List<(WayOut? Way, List<Person> People)>> GatherAsync(WaysOut ways, CancellationToken stop)
    {
        var groups = new List<(WayOut?, List<Person>)>();
        foreach (var way in ways.All.Append(null))
        {
            var people = new List<Person>();
            for (var i = 0; i < PeopleEachWay; i++)
            {
                using var first = await services.SignUpAsync("revoked", stop);
                if (way is { IsForAdministrators: true })
                    (await ways.ChangeAsync(first.UserId, new(Role: "admin"), stop)).EnsureSuccessStatusCode();
                people.Add(new(await services.SignInAsync(first.UserId, first.Email, stop), await services.SignInAsync(first.UserId, first.Email, stop)));
            }

            groups.Add((way, people));
        }

        return groups;
    }

    private async Task RevokeAsync(WayOut way, List<Person> people, List<WatchedSocket> sockets, TimeSpan within, CancellationToken stop)
    {
        var (closes, refusals) = (new List<double>(), new List<double>());
        var each = sockets.Count / people.Count;
        for (var i = 0; i < people.Count; i++)
        {
            using var response = await way.RevokeAsync(people[i], stop);
            var answered = Stopwatch.GetTimestamp();
            Assert.True(response.IsSuccessStatusCode, $"{way.Name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}");
            var refused = services.Backends.Select(backend => RefusedAsync(backend, people[i].Target.AccessToken, answered, stop)).ToList();
            foreach (var socket in sockets.GetRange(i * each, each))
            {
                var (code, at) = await socket.Closed.WaitAsync(within + Promised, stop);
                Assert.Equal(SessionRevoked, code);
                closes.Add(Math.Max(0, Stopwatch.GetElapsedTime(answered, at).TotalMilliseconds)); // some close before the answer is here
            }

            refusals.AddRange(await Task.WhenAll(refused));
        }

        Print($"  {way.Name}: {closes.Count} closed, ms after the answer {Describe(closes)}; refused on HTTP {Describe(refusals)}");
        Assert.All(closes.Concat(refusals), ms => Assert.InRange(ms, 0, within.TotalMilliseconds));
    }

    /// <returns>Milliseconds until the node refuses the token.</returns>
    private static async Task<double> RefusedAsync(ServiceProcess backend, string token, long answered, CancellationToken stop)
    {
        using var http = ThroughlineHttp.Create(backend.Url);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(PromisedWithoutStore + Promised);
        while (true)
        {
            using var response = await http.GetAsync("/api/threads", limit.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized) return Stopwatch.GetElapsedTime(answered).TotalMilliseconds;
        }
    }

    private static string Describe(List<double> ms) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Statistics.Percentile(ms, 50):0.0}, p99 {Statistics.Percentile(ms, 99):0.0}, max {ms.Max():0.0}");

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
