using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Throughline.Backend.Agents.Models;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Tests.Agents;

public sealed class PhrasingByAModel
{
    private const string Good = "**November so far comes to {{f:spend.total}}.** That covers {{t:period}}.";

    [Fact]
    public async Task Its_words_are_sent_when_they_pass_the_gates()
    {
        var (text, answer, asked) = await AskAsync([Good]);

        Assert.StartsWith("**November so far comes to [$", text, StringComparison.Ordinal);
        Assert.Equal(1, asked);
        Assert.Equal(new ModelUsage("test-model", 100, 20), Assert.Single(answer.Usage!));
    }

    [Fact]
    public async Task An_invented_figure_is_repaired_once()
    {
        var (text, answer, asked) = await AskAsync(["**You spent $1,234.56, twice what is usual.**", Good]);

        Assert.StartsWith("**November so far comes to [$", text, StringComparison.Ordinal);
        Assert.Equal((2, 2), (asked, answer.Usage!.Count));
    }

    [Theory]
    [InlineData("**You spent $1,234.56.**", "**You spent {{f:spend.made_up}}.**", 2)]
    [InlineData("**Moving to gpt-4o keeps the same quality at {{f:spend.total}}, {{t:period}}.**", "![x](https://example.org/{{f:spend.total}})", 2)]
    [InlineData("500", "", 1)]
    [InlineData("cut", "", 1)]
    [InlineData("hang", "", 1)]
    public async Task Nothing_of_it_is_sent_when_it_fails_or_goes_on_inventing(string first, string second, int times)
    {
        var (text, answer, asked) = await AskAsync([first, second]);

        Assert.StartsWith("**You spent [$33.36](#f-", text, StringComparison.Ordinal);
        Assert.Equal((times, "completed"), (asked, answer.Result.Status));
        Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, gate.Detail));
    }

    /// <summary>A server that speaks the streaming chat API, word by word.</summary>
    private static async Task<(string Text, Backend.Agents.AgentResult Answer, int Asked)> AskAsync(string[] answers)
    {
        var stop = TestContext.Current.CancellationToken;
        var asked = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            var answer = answers[Math.Min(asked++, answers.Length - 1)];
            if (answer == "500") { context.Response.StatusCode = 500; return; }
            if (answer == "hang") { await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); return; }
            context.Response.ContentType = "text/event-stream";
            foreach (var word in answer.Split(' ').Select((word, i) => i == 0 ? word : " " + word))
                await context.Response.WriteAsync($$$"""data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"test-model","choices":[{"index":0,"delta":{"role":"assistant","content":{{{JsonSerializer.Serialize(word)}}}}}]}""" + "\n\n", context.RequestAborted);
            if (answer == "cut") { context.Abort(); return; }
            await context.Response.WriteAsync("""data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"test-model","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}""" + "\n\ndata: [DONE]\n\n", context.RequestAborted);
        });
        await server.StartAsync(stop);
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var rows = new Rows(Northwind.Rows());
        var run = new RecordedRun("What did we spend in total?", rows.File);

        var result = await Pipeline.RunAsync(run, stop, model: new ModelOptions { Endpoint = new Uri(address + "/v1"), Name = "test-model", Timeout = TimeSpan.FromSeconds(answers[0] == "hang" ? 1 : 30) });
        await server.StopAsync(stop);
        return (run.Text, result, asked);
    }
}
