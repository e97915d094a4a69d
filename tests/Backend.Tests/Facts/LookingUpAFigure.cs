using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Throughline.Backend.Tests.Files;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Tests.Facts;

public sealed partial class LookingUpAFigure(Services services) : IClassFixture<Services>
{
    [Fact]
    public async Task Its_owner_gets_it_and_may_have_it_computed_again_and_nobody_else_learns_of_it()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var mallory = await services.SignUpAsync("mallory", stop);
        var file = await alice.UploadAsync("trace.csv", Uploads.Trace(100), stop);

        var factId = Guid.Parse(FactId().Match(await AskAsync(alice, "Price this trace at gpt-4o: what is the total cost?", [file.Id], stop)).Groups[1].Value);

        var fact = await (await alice.Http.GetAsync($"/api/facts/{factId}", stop)).ReadAsync(WireJson.Default.Fact, stop);
        Assert.Equal((factId, file.Id, (bool?)null), (fact.Id, fact.Input!.FileId, fact.Recomputes));
        var again = await (await alice.Http.GetAsync($"/api/facts/{factId}?recompute=true", stop)).ReadAsync(WireJson.Default.Fact, stop);
        Assert.Equal((fact.Value, (bool?)true), (again.Value, again.Recomputes));

        var foreign = await mallory.Http.GetAsync($"/api/facts/{factId}?recompute=true", stop);
        var absent = await mallory.Http.GetAsync($"/api/facts/{Guid.CreateVersion7()}?recompute=true", stop);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(await absent.FingerprintAsync(stop), await foreign.FingerprintAsync(stop));
    }

    [Fact]
    public async Task The_sample_is_a_file_like_any_other_and_one_file_however_often_it_is_asked_for()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var sample = await (await alice.Http.PostAsync("/api/files/sample", null, stop)).ReadAsync(WireJson.Default.UsageFile, stop);
        var again = await (await alice.Http.PostAsync("/api/files/sample", null, stop)).ReadAsync(WireJson.Default.UsageFile, stop);
        Assert.Equal(("sample-usage.csv", 20_000L, sample.Id), (sample.Name, sample.Rows, again.Id));
        Assert.Matches(FactId(), await AskAsync(alice, "What did we spend in total?", [sample.Id], stop));
    }

    [Fact]
    public async Task Anothers_file_cannot_be_asked_about()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var mallory = await services.SignUpAsync("mallory", stop);
        var hers = await alice.UploadAsync("trace.csv", Uploads.Trace(10), stop);
        using var request = Request("What did it cost?", [hers.Id]);
        Assert.Equal("not_found", await (await mallory.Http.SendAsync(request, stop)).CodeOfAsync(HttpStatusCode.NotFound, stop));
    }

    private static async Task<string> AskAsync(Member member, string question, IReadOnlyList<Guid> files, CancellationToken cancellationToken)
    {
        using var request = Request(question, files);
        using var response = await member.Http.SendAsync(request, cancellationToken);
        var events = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, events);
        return events;
    }

    private static HttpRequestMessage Request(string question, IReadOnlyList<Guid> files) => new(HttpMethod.Post, "/api/agui")
    {
        Content = JsonContent.Create(
            new RunAgentInput(Messages: [new AgUiMessage("m1", "user", JsonSerializer.SerializeToElement(question))], ForwardedProps: JsonSerializer.SerializeToElement(new { fileIds = files })),
            WireJson.Default.RunAgentInput),
    };

    [GeneratedRegex("\"factId\":\"([^\"]+)\"")]
    private static partial Regex FactId();
}
