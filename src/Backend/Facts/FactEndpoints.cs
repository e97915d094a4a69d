using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Backend.Agents;
using Throughline.Backend.Runs;
using Throughline.Contracts.Facts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Facts;

internal static class FactEndpoints
{
    public static IServiceCollection AddFacts(this IServiceCollection services) =>
        services.AddSingleton<FactStore>().AddSingleton<IFactRecomputer, FactRecomputer>();

    public static void MapFacts(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/facts/{id:guid}", FindAsync).RequireAuthorization().WithTags("Facts");

    private static async Task<Results<Ok<Fact>, ProblemHttpResult>> FindAsync(
        Guid id, HttpContext context, FactStore facts, RunStore runs, RunBackgrounds backgrounds, IFactRecomputer recomputer, CancellationToken cancellationToken, bool recompute = false)
    {
        var user = context.AccessToken().UserId;
        if (await facts.FindAsync(user, id, cancellationToken) is not { } fact) return Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such figure.");
        if (!recompute || fact.RunId is null || await runs.FindAsync(user, fact.RunId, cancellationToken) is not { } run) return TypedResults.Ok(fact);
        var background = await backgrounds.OfAsync(run, cancellationToken);
        return TypedResults.Ok(await recomputer.CompleteAsync(fact, background.Files, cancellationToken));
    }
}
