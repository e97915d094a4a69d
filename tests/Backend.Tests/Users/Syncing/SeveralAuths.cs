using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Syncing;

/// <summary>Two auths on one PostgreSQL, and the store through which they call each other.</summary>
public sealed class TwoAuths : IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public TestState State { get; } = new TestState().WithSecrets();

    public ServiceProcess Store { get; private set; } = null!;

    public IReadOnlyList<ServiceProcess> Auths { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await _server.InitializeAsync();
        var settings = new Dictionary<string, string>
        {
            ["Database__Provider"] = "postgres",
            ["Database__ConnectionString"] = await _server.CreateDatabaseAsync(stop),
            ["Accounts__SignUpsPerMinute"] = "100000",
        };
        Store = await ServiceProcess.StartAsync("store", State, null, stop);
        Auths =
        [
            await ServiceProcess.StartAsync("auth", State, settings, stop),
            await ServiceProcess.StartAsync("auth", State, new Dictionary<string, string>(settings) { ["Discovery__Node"] = "2" }, stop),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Auths.Append(Store))
            if (process is not null) await process.DisposeAsync();
        State.Dispose();
        await _server.DisposeAsync();
    }
}

public sealed class SeveralAuths(TwoAuths auths) : IClassFixture<TwoAuths>
{
    private const int Writers = 4;

    /// <summary>A database without the doorbell is looked at this often.</summary>
    private const double WithoutDoorbellMs = 500;

    private static readonly int Changes = SuiteSize.Of(50, 500);

    [Fact]
    public async Task A_reader_passes_no_change_however_many_write_on_both()
    {
        var stop = TestContext.Current.CancellationToken;
        using var reader = await ReaderAsync(auths.Auths[0], stop);
        var users = new List<Account>();
        var writers = new List<HttpClient>();
        for (var i = 0; i < Writers; i++)
        {
            var (account, http) = await SignUpAsync(auths.Auths[i % 2], stop);
            users.Add(account);
            writers.Add(http);
        }

        var ids = users.Select(u => u.UserId).ToHashSet();
        var reading = ReadAsync(reader, 0, told => ids.All(id => told.Any(c => c.UserId == id && c.Version == Changes + 1)), stop);
        await Task.WhenAll(writers.Select((http, i) => RenameAsync(http, Changes, stop)));
        var told = await reading;

        Assert.Equal(told.OrderBy(c => c.Seq).DistinctBy(c => c.Seq), told);
        foreach (var id in ids)
            Assert.Equal(Enumerable.Range(1, Changes + 1).Select(v => (long)v), told.Where(c => c.UserId == id).Select(c => c.Version));
        writers.ForEach(http => http.Dispose());
    }

    [Fact]
    public async Task Whoever_waits_at_one_is_woken_by_a_change_at_the_other()
    {
        var stop = TestContext.Current.CancellationToken;
        using var reader = await ReaderAsync(auths.Auths[0], stop);
        var (account, writer) = await SignUpAsync(auths.Auths[1], stop);
        var after = (await ReadAsync(reader, 0, told => told.Any(c => c.UserId == account.UserId), stop))[^1].Seq;
        var delays = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var version = i + 2;
            var reading = ReadAsync(reader, after, told => told.Any(c => c.UserId == account.UserId && c.Version == version), stop);
            await RenameAsync(writer, 1, stop);
            var answered = Stopwatch.GetTimestamp();
            after = (await reading)[^1].Seq;
            delays.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
        }

        writer.Dispose();
        var median = Statistics.Percentile(delays, 50);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ms from a change at one auth to the reader at the other: p50 {median:0.0}, max {delays.Max():0.0}"));
        // Looking twice a second would take half of that at the median.
        Assert.InRange(median, 0, WithoutDoorbellMs / 4);
    }

    private async Task<HttpClient> ReaderAsync(ServiceProcess auth, CancellationToken stop)
    {
        var http = ThroughlineHttp.Create(auth.Url);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", "throughline-backend"),
            new("client_secret", await File.ReadAllTextAsync(auths.State.PathOf("secrets", "client-backend"), stop)),
        ]);
        using var answer = await http.PostAsync("/connect/token", form, stop);
        answer.EnsureSuccessStatusCode();
        using var token = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(stop));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.RootElement.GetProperty("access_token").GetString());
        return http;
    }

    private static async Task<(Account Account, HttpClient Http)> SignUpAsync(ServiceProcess auth, CancellationToken stop)
    {
        var email = $"writer-{Guid.NewGuid():N}@example.com";
        var http = ThroughlineHttp.Create(auth.Url);
        using var signUp = System.Net.Http.Json.JsonContent.Create(new SignUpRequest(email, Services.Password, "writer"), WireJson.Default.SignUpRequest);
        (await http.PostAsync("/auth/signup", signUp, stop)).EnsureSuccessStatusCode();
        using var signIn = new NativeSignIn(auth.Url);
        var tokens = await signIn.LogInAsync(new LoginRequest(email, Services.Password), stop);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        return (await (await http.GetAsync("/auth/me", stop)).ReadAsync(WireJson.Default.Account, stop), http);
    }

    private static async Task RenameAsync(HttpClient http, int times, CancellationToken stop)
    {
        for (var i = 0; i < times; i++)
        {
            using var patch = System.Net.Http.Json.JsonContent.Create(new AccountPatch($"writer {i}"), WireJson.Default.AccountPatch);
            (await http.PatchAsync("/auth/me", patch, stop)).EnsureSuccessStatusCode();
        }
    }

    /// <summary>Follows the feed from its place on, as the backend does, until it has told what is waited for.</summary>
    private static async Task<List<UserChange>> ReadAsync(HttpClient reader, long after, Func<List<UserChange>, bool> isEnough, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        var told = new List<UserChange>();
        while (!isEnough(told))
        {
            var page = await (await reader.GetAsync($"/internal/users/changes?after={after}&wait=20", limit.Token)).ReadAsync(WireJson.Default.UserChanges, limit.Token);
            told.AddRange(page.Items);
            after = page.Next;
        }

        return told;
    }
}
