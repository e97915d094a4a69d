using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>Every endpoint that there is, for every kind of caller, over HTTP.</summary>
public sealed class DrivingEveryEndpoint(World world) : IClassFixture<World>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    [InlineData("frontend")]
    public async Task The_table_has_a_line_for_every_route_and_no_other_and_every_route_says_who_may_call_it(string service)
    {
        var routes = (await RoutesOfAsync(service)).Where(r => !r.IsAsset).ToList();
        Assert.Empty(routes.Where(r => r is { IsAnonymous: false, Policies.Count: 0, Pattern: not "/{**path:file}" }).Select(r => $"{r.Method} {r.Pattern}"));

        var lines = Endpoints.All.Where(r => r.Service == service && !r.IsBeforeRouting).ToList();
        Assert.Equal(Names(routes.Select(r => (r.Method, r.Pattern)).Distinct()), Names(lines.Select(r => (r.Method, r.Pattern))));
        // The proxy lets everyone pass: who may do what is for the services to say.
        if (service == "frontend") return;
        Assert.Equal(
            Names(routes.Where(r => r.IsAnonymous).Select(r => (r.Method, r.Pattern))), Names(lines.Where(r => r.Reach == Reach.Open).Select(r => (r.Method, r.Pattern))));
        TestContext.Current.TestOutputHelper?.WriteLine($"{service}: {lines.Count} endpoints × {Enum.GetValues<Caller>().Length} callers");
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Everyone_gets_what_the_table_says(string line)
    {
        var row = Endpoints.All.Single(r => r.Name == line);
        var faults = new List<string>();
        // What a success uses up is made for that success alone; those who may not all try the same one.
        var isUsedUp = row is { IsConsuming: true, Reach: Reach.Own };
        var tried = isUsedUp ? await world.MakeAsync(row.Thing!, Stop) : row.Thing is { } thing ? world.IdOf(thing) : "";
        // Who may is asked first, so that a refusal is never that of a route that refuses everybody.
        foreach (var caller in Enum.GetValues<Caller>().OrderByDescending(c => row.ExpectationOf(c).Status < 400))
        {
            var id = isUsedUp && row.ExpectationOf(caller).Status < 400 ? await world.MakeAsync(row.Thing!, Stop) : tried;
            using var answer = await SendAsync(row, id, caller);
            faults.AddRange(await FaultsOfAsync(row, caller, answer));
            if (row.Reach == Reach.Own && caller == Caller.Other) faults.AddRange(await DifferencesAsync(row, answer));
        }

        if (isUsedUp) faults.AddRange(await SurvivesAsync(row, tried));
        Assert.True(faults.Count == 0, $"{row.Name}\n{string.Join('\n', faults)}");
    }

    public static TheoryData<string> Lines() => [.. Endpoints.All.Select(r => r.Name)];

    private async Task<HttpResponseMessage> SendAsync(Row row, string id, Caller caller)
    {
        var token = world.TokenOf(caller);
        // A user that a success ends is one of its own.
        if (row is { IsConsuming: true, Reach: Reach.Self } && row.ExpectationOf(caller).Status < 400)
        {
            await using var own = await world.Platform.SignUpAsync("spent", Stop);
            token = caller == Caller.AccountKey ? (await world.KeyAsync(own, Stop, "account")).Key : own.AccessToken;
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = world.AddressOf(row.Service) };
        using var request = new HttpRequestMessage(new HttpMethod(row.Verb), row.PathFor(id));
        if (row.Body is not null) request.Content = JsonContent.Create(row.Body);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, Stop);
    }

    private async Task<IEnumerable<string>> FaultsOfAsync(Row row, Caller caller, HttpResponseMessage answer)
    {
        var (status, code) = row.ExpectationOf(caller);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        var faults = new List<string>();
        if ((int)answer.StatusCode != status) faults.Add($"{caller}: {(int)answer.StatusCode} instead of {status}: {Short(body)}");
        else if (code is not null && CodeOf(body) != code) faults.Add($"{caller}: code {CodeOf(body)} instead of {code}");
        var maySee = caller is Caller.Owner or Caller.AccountKey || (status < 400 && row.Reach is Reach.Service or Reach.Operator or Reach.Admin);
        if (!maySee && $"{answer.Headers}{body}".Contains(world.OwnersCanary, StringComparison.OrdinalIgnoreCase)) faults.Add($"{caller}: sees what is the owner's: {Short(body)}");
        return faults;
    }

    private async Task<IEnumerable<string>> DifferencesAsync(Row row, HttpResponseMessage foreign)
    {
        using var absent = await SendAsync(row, World.AbsentIdOf(row.Thing!), Caller.Other);
        var (left, right) = (await foreign.FingerprintAsync(Stop), await absent.FingerprintAsync(Stop));
        return left == right ? [] : [$"foreign and absent differ:\n{left}\n{right}"];
    }

    /// <summary>What all those tried to use up who may not is still there, for the owner to use up.</summary>
    private async Task<IEnumerable<string>> SurvivesAsync(Row row, string id)
    {
        using var answer = await SendAsync(row, id, Caller.Owner);
        return (int)answer.StatusCode == row.Status ? [] : [$"it did not survive the others: {(int)answer.StatusCode}"];
    }

    private async Task<IReadOnlyList<ListedRoute>> RoutesOfAsync(string service)
    {
        var settings = new Dictionary<string, string> { ["State__Directory"] = world.Platform.State.Root, ["Auth__Issuer"] = "http://localhost:3000" };
        await using var program = RunningProgram.Start(char.ToUpperInvariant(service[0]) + service[1..], [RouteList.Option], settings);
        Assert.Equal(0, await program.WaitForExitAsync(Stop));
        return RouteList.Parse(Assert.Single(program.Output, l => l.StartsWith('[')));
    }

    private static IEnumerable<string> Names(IEnumerable<(string Method, string Pattern)> routes) => routes.Select(r => $"{r.Method} {r.Pattern}").Order(StringComparer.Ordinal);

    private static string? CodeOf(string body) =>
        body.StartsWith('{') && JsonElement.Parse(body).TryGetProperty("code", out var code) ? code.GetString() : null;

    private static string Short(string text) => text.Length > 300 ? text[..300] : text;
}
