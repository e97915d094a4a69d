using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Throughline.Contracts;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Limits;

public sealed class FrugalServices : Services
{
    public const int PointsPerUser = 40;
    public const int PointsPerAddress = 100;

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string>
        {
            ["Limits__PointsPerUser"] = $"{PointsPerUser}",
            ["Limits__PointsPerAddress"] = $"{PointsPerAddress}",
            ["Limits__SearchCost"] = "7",
            ["Limits__UploadCost"] = "2",
            ["Limits__UploadBytesPerDay"] = "4000",
            ["Limits__SocketsPerUser"] = "3",
        });

    /// <summary>Sends what somebody at the address would, through the frontend.</summary>
    public void From(string address, HttpClient http)
    {
        var proof = HMACSHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(State.PathOf("secrets", "client-frontend"))), "throughline frontend, forwarded v1"u8);
        http.DefaultRequestHeaders.Add("Throughline-Frontend", Convert.ToHexStringLower(proof));
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
    }
}

public sealed class LimitingRequests(FrugalServices services) : IClassFixture<FrugalServices>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_gets_the_points_and_then_a_true_time_while_others_go_on()
    {
        using var alice = await NewMemberAsync("alice", "203.0.113.1");
        using var bob = await NewMemberAsync("bob", "203.0.113.2");
        var began = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, FrugalServices.PointsPerUser + 20).Select(_ => alice.Http.GetAsync("/api/me", Stop)));
        var admitted = answers.Count(a => a.StatusCode == HttpStatusCode.OK);
        var regained = (int)(Stopwatch.GetElapsedTime(began).TotalMinutes * FrugalServices.PointsPerUser) + 1;
        Assert.InRange(admitted, FrugalServices.PointsPerUser, FrugalServices.PointsPerUser + regained);

        var refused = answers.First(a => a.StatusCode != HttpStatusCode.OK);
        var text = await refused.Content.ReadAsStringAsync(Stop);
        Assert.Equal("rate_limited", await refused.CodeOfAsync(HttpStatusCode.TooManyRequests, Stop));
        Assert.Contains("\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\"", text, StringComparison.Ordinal);
        Assert.Contains("\"violated-policies\":[\"requests\"]", text, StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        Assert.Equal(HttpStatusCode.OK, (await bob.Http.GetAsync("/api/me", Stop)).StatusCode);

        // Health answers whoever asks, however often.
        foreach (var _ in Enumerable.Range(0, 3)) Assert.Equal(HttpStatusCode.OK, (await alice.Http.GetAsync("/health/live", Stop)).StatusCode);
    }

    [Fact]
    public async Task Answers_say_in_structured_fields_where_the_caller_stands()
    {
        using var alice = await NewMemberAsync("alice", "203.0.113.3");
        using var read = await alice.Http.GetAsync("/api/threads", Stop);
        using var searched = await alice.Http.GetAsync("/api/threads?query=spend", Stop);

        var policies = StructuredFields.ReadList(Assert.Single(searched.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal([("requests", 40L, 60L), ("address", 100L, 60L)], policies.Select(p => (p.Value, p.Integer("q"), p.Integer("w"))));
        var (before, after) = (Left(read), Left(searched));
        Assert.Equal(["requests", "address"], after.Keys);
        foreach (var policy in after.Keys) Assert.InRange(before[policy] - after[policy], 5, 7); // a search costs seven; one or two ran out meanwhile

        var report = await (await alice.Http.GetAsync("/api/limits", Stop)).ReadAsync(WireJson.Default.LimitReport, Stop);
        Assert.Equal(["messages", "requests", "uploads", "sockets", "address", "sockets-address"], report.Items.Select(i => i.Policy));
        Assert.All(report.Items, item => Assert.True(item.Remaining <= item.Quota && item.ResetSeconds <= item.WindowSeconds));
    }

    [Fact]
    public async Task A_network_is_limited_whether_or_not_it_brings_tokens()
    {
        using var http = new HttpClient { BaseAddress = services.Backend.Url };
        services.From("2001:db8:7::1", http);
        using var neighbour = new HttpClient { BaseAddress = services.Backend.Url };
        services.From("2001:db8:7:0:ffff::2", neighbour); // of the same /64

        var began = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 160).Select(i => (i % 2 == 0 ? http : neighbour).GetAsync("/api/me", Stop)));

        var regained = (int)(Stopwatch.GetElapsedTime(began).TotalMinutes * FrugalServices.PointsPerAddress) + 1;
        Assert.InRange(answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized), FrugalServices.PointsPerAddress, FrugalServices.PointsPerAddress + regained);
        Assert.Equal("rate_limited", await answers.First(a => a.StatusCode != HttpStatusCode.Unauthorized).CodeOfAsync(HttpStatusCode.TooManyRequests, Stop));
    }

    [Fact]
    public async Task A_stranger_is_answered_before_the_store_has_counted_and_is_counted()
    {
        using var alice = await NewMemberAsync("alice", "203.0.113.6");
        using var stranger = new HttpClient { BaseAddress = services.Backend.Url };
        services.From("203.0.113.7", stranger);
        foreach (var http in (HttpClient[])[alice.Http, stranger]) await http.GetAsync("/api/me", Stop); // a connection for each
        await stranger.GetAsync("/health/live", Stop); // nobody counts this, and it is answered once the one before it is counted

        Machine.Signal("STOP", services.Store.Program.Pid);
        try
        {
            var hers = alice.Http.GetAsync("/api/me", Stop);
            var strangers = stranger.GetAsync("/api/me", Stop);
            Assert.Same(strangers, await Task.WhenAny(hers, strangers));
            Assert.Equal(HttpStatusCode.Unauthorized, (await strangers).StatusCode);
        }
        finally
        {
            Machine.Signal("CONT", services.Store.Program.Pid);
        }

        // The connection waits for the count, so the next request says that the one before it is there.
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/api/me", Stop)).StatusCode);
        await using var node = new LimitNode(services.State);
        var policy = new LimitPolicy("address", FrugalServices.PointsPerAddress, TimeSpan.FromMinutes(1), LimitKind.Flow);
        var standing = (await node.Limiter.LookAsync([new(policy, LimitSubject.OfAddress(IPAddress.Parse("203.0.113.7")))], Stop)).Standings[0];
        Assert.InRange(standing.Used, 10, 22); // some ran out meanwhile
    }

    [Fact]
    public async Task Bytes_of_uploads_are_a_days_quota_and_only_what_came_is_charged()
    {
        using var alice = await NewMemberAsync("alice", "203.0.113.4");
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.Created, (await UploadAsync(alice, 1_500)).StatusCode);
        Assert.InRange(await LeftAsync(alice, "uploads"), 1_000, 1_010);

        var refused = await UploadAsync(alice, 1_500);
        Assert.Equal("quota_exhausted", await refused.CodeOfAsync(HttpStatusCode.TooManyRequests, Stop));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(10), TimeSpan.FromDays(1));
        Assert.Equal("content-bytes", StructuredFields.ReadList(refused.Headers.GetValues("RateLimit-Policy").Single()).Single(p => p.Value == "uploads").Parameters["qu"]);
        Assert.Equal(HttpStatusCode.Created, (await UploadAsync(alice, 500)).StatusCode);
    }

    [Fact]
    public async Task Connections_may_be_opened_so_often_and_then_are_refused_before_they_are_made()
    {
        using var alice = await NewMemberAsync("alice", "203.0.113.5");
        for (var i = 0; i < 3; i++) await using (var socket = await RawSocket.OpenAsync(services, alice, Stop)) await socket.UntilAsync("hello", f => RawSocket.TypeOf(f) == "hello", Stop);

        using var fourth = new ClientWebSocket();
        fourth.Options.CollectHttpResponseDetails = true;
        fourth.Options.AddSubProtocol("throughline.v1");
        fourth.Options.SetRequestHeader("Authorization", $"Bearer {alice.AccessToken}");
        await Assert.ThrowsAsync<WebSocketException>(() => fourth.ConnectAsync(new Uri(services.Backend.Record.WsUrl!), Stop));
        Assert.Equal(HttpStatusCode.TooManyRequests, fourth.HttpStatusCode);
        Assert.InRange(int.Parse(fourth.HttpResponseHeaders!["Retry-After"].Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 20);
    }

    private static Dictionary<string, long> Left(HttpResponseMessage response) =>
        StructuredFields.ReadList(Assert.Single(response.Headers.GetValues("RateLimit"))).ToDictionary(i => i.Value, i => i.Integer("r"));

    private static async Task<long> LeftAsync(Member member, string policy) =>
        (await (await member.Http.GetAsync("/api/limits", Stop)).ReadAsync(WireJson.Default.LimitReport, Stop)).Items.Single(i => i.Policy == policy).Remaining;

    private async Task<Member> NewMemberAsync(string name, string address)
    {
        var member = await services.SignUpAsync(name, Stop);
        services.From(address, member.Http);
        return member;
    }

    private static async Task<HttpResponseMessage> UploadAsync(Member member, int bytes)
    {
        var csv = new StringBuilder("timestamp,model,input_tokens,output_tokens\n");
        while (csv.Length < bytes - 40) csv.Append("2026-01-01T10:00:00Z,gpt-4o,1000,10\n");
        using var form = new MultipartFormDataContent { { new StringContent(csv.ToString().PadRight(bytes, '\n')), "file", "usage.csv" } };
        return await member.Http.PostAsync("/api/files", form, Stop);
    }
}
