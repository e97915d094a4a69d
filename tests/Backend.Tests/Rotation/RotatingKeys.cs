using System.Net;
using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Rotation;

/// <summary>Keys are turned over while people work: no good token is refused, and none of a key that has gone is accepted.</summary>
public sealed class RotatingKeys(RotatingServices services) : IClassFixture<RotatingServices>
{
    private const int Callers = 3;
    private static readonly int Rotations = SuiteSize.Of(4, 50);
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_load_no_good_token_is_refused_and_none_of_a_gone_key_accepted()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var callers = new List<Caller>();
        for (var n = 0; n < Callers; n++) callers.Add(new(services, (await services.SignUpForTokensAsync($"caller{n}", Stop)).Tokens));
        var working = callers.ConvertAll(c => Task.Run(() => c.RunAsync(ending.Token), Stop));

        var stolen = new Queue<(StolenKey Key, string Token)>();
        var (gone, slowest) = (0, TimeSpan.Zero);
        for (var round = 0; round < Rotations; round++)
        {
            var key = await StolenKey.TakeAsync(services.State, Stop);
            var token = key.Forge(callers[0].AccessToken);
            await AcceptedAsync(token); // the control: nothing but its key's end makes it bad
            stolen.Enqueue((key, token));
            await TurnOverAsync();
            await RefuseGoneAsync();
        }

        while (stolen.Count > 0)
        {
            await services.UntilAsync(async () => !(await services.PublishedAsync(Stop)).Contains(stolen.Peek().Key.Id), "the retired key is gone", Stop);
            await RefuseGoneAsync();
        }

        await ending.CancelAsync();
        await Task.WhenAll(working);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rotations} rotations, {callers.Sum(c => c.Requests)} requests and {callers.Sum(c => c.Sockets)} sockets with good tokens: "
            + $"{callers.Sum(c => c.Refused.Count)} refused; {gone} keys gone, their tokens refused everywhere after {slowest.TotalMilliseconds:0} ms at most; seed {SuiteSize.Seed}");
        Assert.Empty(callers.SelectMany(c => c.Refused));
        Assert.Equal(Rotations, gone);
        callers.ForEach(c => c.Dispose());

        async Task RefuseGoneAsync()
        {
            var published = await services.PublishedAsync(Stop);
            while (stolen.TryPeek(out var oldest) && !published.Contains(oldest.Key.Id))
            {
                using var key = stolen.Dequeue().Key;
                var took = await RefusedSoonAsync(oldest.Token); // which was good before
                await RefusedSoonAsync(key.Forge(callers[0].AccessToken));
                if (took > slowest) slowest = took;
                gone++;
            }
        }
    }

    [Fact]
    public async Task A_compromised_key_is_shut_out_within_two_seconds_and_a_new_token_let_in_at_once()
    {
        var (_, _, tokens) = await services.SignUpForTokensAsync("victim", Stop);
        using var key = await StolenKey.TakeAsync(services.State, Stop);
        var forged = key.Forge(tokens.AccessToken);
        await AcceptedAsync(forged);
        await using var socket = await OpenAsync(forged);
        await socket.HelloAsync(Stop);

        var began = TimeProvider.System.GetTimestamp();
        var fresh = await services.RotateAsync(isCompromised: true, Stop);

        Assert.Equal("signing", fresh.State);
        Assert.Equal([fresh.Id], await services.PublishedAsync(Stop));
        using var signIn = new NativeSignIn(services.Auth.Url);
        await AcceptedAsync((await signIn.RefreshAsync(tokens, Stop)).AccessToken);
        await RefusedSoonAsync(forged);
        Assert.Equal(4002, await socket.ClosedAsync(Stop));
        Assert.Equal("invalid token: unknown_key", socket.CloseText);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, GoneWithin + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Tokens_of_a_gone_key_do_not_keep_the_first_token_of_a_new_key_waiting()
    {
        var (_, _, tokens) = await services.SignUpForTokensAsync("patient", Stop);
        using var key = await StolenKey.TakeAsync(services.State, Stop);
        var forged = key.Forge(tokens.AccessToken);
        using var signIn = new NativeSignIn(services.Auth.Url);
        await services.RotateAsync(isCompromised: true, Stop);
        tokens = await signIn.RefreshAsync(tokens, Stop);
        await AcceptedAsync(tokens.AccessToken); // the backend knows the new key, and so that the old one is gone
        for (var attempt = 0; attempt < 20; attempt++) Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(services.Backend.Url, "/api/limits", forged));

        await services.RotateAsync(isCompromised: true, Stop);
        await AcceptedAsync((await signIn.RefreshAsync(tokens, Stop)).AccessToken);
    }

    private async Task TurnOverAsync()
    {
        var next = await services.RotateAsync(isCompromised: false, Stop);
        Assert.Equal("published", next.State);
        await services.UntilAsync(
            async () => (await services.KeysAsync(Stop)).Items.Single(k => k.State == "signing").Id == next.Id, $"{next.Id} signs", Stop);
    }

    /// <summary>At the backend over HTTP and as a socket, and at auth.</summary>
    private async Task AcceptedAsync(string token)
    {
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskBothAsync(token));
        await using var socket = await OpenAsync(token);
        await socket.HelloAsync(Stop);
    }

    private async Task<TimeSpan> RefusedSoonAsync(string token)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await AskBothAsync(token) != (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized))
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, GoneWithin);
        var took = TimeProvider.System.GetElapsedTime(began);
        await using var socket = await OpenAsync(token);
        Assert.Equal(4002, await socket.ClosedAsync(Stop));
        return took;
    }

    private async Task<(HttpStatusCode Backend, HttpStatusCode Auth)> AskBothAsync(string token) =>
        (await AskAsync(services.Backend.Url, "/api/limits", token), await AskAsync(services.Auth.Url, "/auth/me", token));

    private static async Task<HttpStatusCode> AskAsync(Uri service, string path, string token)
    {
        using var http = ThroughlineHttp.Create(service);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.GetAsync(path, Stop);
        return response.StatusCode;
    }

    private Task<RawSocket> OpenAsync(string token) => RawSocket.OpenAsync(
        new Uri(services.Backend.Record.WsUrl!), options => options.SetRequestHeader("Authorization", $"Bearer {token}"), Stop);
}
