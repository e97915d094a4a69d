using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Backend.Threads;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Runs;

internal static class RunEndpoints
{
    private const int MaxPage = 200;

    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddOptions<RunOptions>().BindConfiguration("Runs").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RunOptions>, RunOptionsValidator>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunBackgrounds>();
        services.AddSingleton<RunsAtWork>();
        services.AddSingleton<RunExecutor>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<RunCanceller>();
        services.AddSingleton<RunSummaries>();
        services.AddActivatedSingleton<RunMetrics>();
        services.AddSingleton<RunRecovery>();
        services.AddHostedService(provider => provider.GetRequiredService<RunRecovery>());
        return services;
    }

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/threads/{id}/runs", ListAsync).RequireAuthorization().WithTags("Runs");
        var group = routes.MapGroup("/api/runs").RequireAuthorization().WithTags("Runs");
        group.MapGet("/{id}", FindAsync);
        group.MapPost("/{id}/cancel", CancelAsync);
    }

    private static async Task<Results<Ok<Page<RunSummary>>, ProblemHttpResult>> ListAsync(
        string id, HttpContext context, RunStore runs, RunSummaries summaries, ThreadLog log, CancellationToken cancellationToken, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        if ((cursor is null ? [long.MaxValue] : Cursor.Read(cursor, 1)) is not { } place) return ThreadProblems.NoCursor();
        var key = ThreadKey.Of(context.AccessToken(), id);
        if (await log.HeadAsync(key, cancellationToken) is null) return ThreadProblems.NotFound();

        var page = await runs.BeforeAsync(key, place[0], limit + 1, cancellationToken);
        var items = new List<RunSummary>();
        foreach (var run in page.Take(limit)) items.Add(await summaries.OfAsync(run, cancellationToken));
        return TypedResults.Ok(new Page<RunSummary>(items, page.Count > limit ? Cursor.Of(page[limit - 1].RunNo) : null));
    }

    private static async Task<Results<Ok<RunSummary>, ProblemHttpResult>> FindAsync(
        string id, HttpContext context, RunStore runs, RunSummaries summaries, CancellationToken cancellationToken) =>
        await runs.FindAsync(context.AccessToken().UserId, id, cancellationToken) is { } run ? TypedResults.Ok(await summaries.OfAsync(run, cancellationToken)) : NotFound();

    private static async Task<IResult> CancelAsync(string id, HttpContext context, RunCanceller canceller, CancellationToken cancellationToken) =>
        await canceller.CancelAsync(context.AccessToken().UserId, id, cancellationToken) switch
        {
            CancelOutcome.Asked asked => TypedResults.Accepted($"/api/runs/{Uri.EscapeDataString(id)}", new Ack(null, asked.ThreadId, id)),
            CancelOutcome.NotActive => Problems.Of(StatusCodes.Status409Conflict, "run_not_active", "The run has ended."),
            _ => NotFound(),
        };

    private static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such run.");
}
