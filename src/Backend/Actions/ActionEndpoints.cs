using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Contracts.Actions;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Actions;

/// <summary>What approved actions left: shown and taken back here, set by asking and approving alone.</summary>
internal static class ActionEndpoints
{
    private const int MaxPage = 200;

    public static IServiceCollection AddActions(this IServiceCollection services)
    {
        services.AddOptions<ActionOptions>().BindConfiguration("Actions").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ActionOptions>, ActionOptionsValidator>();
        services.AddSingleton<ActionStore>();
        return services;
    }

    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").RequireAuthorization().WithTags("Actions");
        group.MapGet("/budgets", BudgetsAsync);
        group.MapDelete("/budgets/{per}", DeleteBudgetAsync);
        group.MapGet("/alerts", AlertsAsync);
        group.MapDelete("/alerts/{per}", DeleteAlertAsync);
        group.MapGet("/documents", DocumentsAsync);
        group.MapGet("/documents/{id}", DownloadAsync);
        group.MapDelete("/documents/{id}", DeleteDocumentAsync);
    }

    private static async Task<Ok<Page<Budget>>> BudgetsAsync(HttpContext context, ActionStore actions, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<Budget>(await actions.BudgetsAsync(context.AccessToken().UserId, cancellationToken)));

    private static async Task<Ok<Page<Alert>>> AlertsAsync(HttpContext context, ActionStore actions, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<Alert>(await actions.AlertsAsync(context.AccessToken().UserId, cancellationToken)));

    private static async Task<Results<Ok<Page<Document>>, ProblemHttpResult>> DocumentsAsync(
        HttpContext context, ActionStore actions, CancellationToken cancellationToken, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        var before = Guid.Empty;
        if (cursor is not null && !Guid.TryParse(cursor, out before)) return Problems.Invalid("cursor", "cursor is the last page's next.");
        var page = await actions.DocumentsAsync(context.AccessToken().UserId, cursor is null ? null : before, limit + 1, cancellationToken);
        return TypedResults.Ok(page.Count > limit ? new Page<Document>(page[..limit], page[limit - 1].Id.ToString()) : new Page<Document>(page));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> DownloadAsync(string id, HttpContext context, ActionStore actions, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var document) && await actions.DocumentAsync(context.AccessToken().UserId, document, cancellationToken) is { } found
            ? TypedResults.File(found.Content, found.MediaType, found.Name) : NotFound("file");

    // Taking back what is not set is no fault: afterwards there is none.
    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBudgetAsync(string per, HttpContext context, ActionStore actions, CancellationToken cancellationToken)
    {
        if (per != "month") return NotFound("budget: there is one for the month");
        await actions.DeleteBudgetAsync(context.AccessToken().UserId, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAlertAsync(string per, HttpContext context, ActionStore actions, CancellationToken cancellationToken)
    {
        if (per is not ("day" or "month")) return NotFound("alert: there is one for the day and one for the month");
        await actions.DeleteAlertAsync(context.AccessToken().UserId, per, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteDocumentAsync(string id, HttpContext context, ActionStore actions, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var document) && await actions.DeleteDocumentAsync(context.AccessToken().UserId, document, cancellationToken) ? TypedResults.NoContent() : NotFound("file");

    private static ProblemHttpResult NotFound(string what) => Problems.Of(StatusCodes.Status404NotFound, "not_found", $"There is no such {what}.");
}
