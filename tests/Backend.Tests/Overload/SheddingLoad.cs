using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Throughline.Backend.Limits;
using Throughline.Backend.Overload;
using Throughline.Backend.Runs;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Tests.Overload;

public sealed class SheddingLoad
{
    private readonly RunsAtWork _runs = new();
    private readonly LoadShedder _shedder;

    public SheddingLoad()
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        _shedder = new(_runs, Options.Create(new OverloadOptions { RequestsAtOnce = 8, RunsAtOnce = 20 }), meters);
    }

    [Fact]
    public void Figures_are_turned_away_first_then_history_and_questions_last()
    {
        var turnedAway = new List<(int Runs, Work Work)>();
        for (var runs = 1; runs <= 20; runs++)
        {
            _runs.Enter(ThreadKey.Parse($"{Guid.NewGuid()}/t{runs}"));
            turnedAway.AddRange(Enum.GetValues<Work>().Where(work => _shedder.Sheds(work) && turnedAway.TrueForAll(t => t.Work != work)).Select(work => (runs, work)));
        }

        Assert.Equal([(10, Work.Search), (10, Work.Analytics), (10, Work.Upload), (15, Work.History), (15, Work.Export), (20, Work.Ask)], turnedAway);
    }

    [Fact]
    public async Task Requests_in_progress_count_until_they_end_and_a_refusal_says_what_to_do()
    {
        var hold = new TaskCompletionSource();
        var held = Enumerable.Range(0, 4).Select(_ => SendAsync("GET", "/api/threads/{id}/messages", () => hold.Task)).ToList();

        var refused = await SendAsync("GET", "/api/facts/{id:guid}", () => Task.CompletedTask);
        Assert.Equal((503, true), (refused.StatusCode, int.Parse(refused.Headers.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture) is >= 2 and <= 5));
        Assert.Equal(200, (await SendAsync("GET", "/api/threads/{id}/messages", () => Task.CompletedTask)).StatusCode);
        Assert.Equal(200, (await SendAsync("POST", "/api/agui", () => Task.CompletedTask)).StatusCode);

        hold.SetResult();
        await Task.WhenAll(held);
        Assert.Equal(0, _shedder.Load);
        Assert.Equal(200, (await SendAsync("GET", "/api/facts/{id:guid}", () => Task.CompletedTask)).StatusCode);
    }

    private async Task<HttpResponse> SendAsync(string method, string pattern, Func<Task> work)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider() };
        context.Request.Method = method;
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, null, null));
        await _shedder.InvokeAsync(context, _ => work());
        return context.Response;
    }
}
