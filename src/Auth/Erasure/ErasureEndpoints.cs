using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Database;
using Throughline.Auth.Tokens;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Erasure;

internal static class ErasureEndpoints
{
    private const int MaxItems = 50;

    public static IServiceCollection AddErasure(this IServiceCollection services)
    {
        services.AddScoped<WriteAheadLog>();
        services.AddSingleton<ErasureLedger>();
        services.AddScoped<AccountEraser>();
        services.AddScoped<ErasureReceipts>();
        services.AddHostedService<ErasureReplay>();
        return services;
    }

    public static void MapErasure(this IEndpointRouteBuilder routes)
    {
        // Nobody is left to sign in; whoever holds the random id was given it by the deletion.
        routes.MapGet("/auth/erasures/{id:guid}", FindAsync).AllowAnonymous().WithTags("Erasure");
        routes.MapPost("/internal/users/{id:guid}/erased", ReportAsync).RequireAuthorization(TokenPolicies.Service).WithTags("Erasure");
    }

    private static async Task<Results<Ok<ErasureReceipt>, ProblemHttpResult>> FindAsync(Guid id, ErasureReceipts receipts, CancellationToken cancellationToken) =>
        await receipts.FindAsync(id, cancellationToken) is { } receipt
            ? TypedResults.Ok(receipt)
            : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such receipt.");

    private static async Task<Results<NoContent, ProblemHttpResult>> ReportAsync(
        Guid id, ErasureReport report, HttpContext context, ErasureReceipts receipts, CancellationToken cancellationToken)
    {
        if (report.Items is not { Count: > 0 and <= MaxItems } items || !items.All(IsValid) || items.DistinctBy(i => (i.Holder, i.What)).Count() != items.Count)
            return Problems.Invalid("items", $"1 to {MaxItems} items, each of holder backend or store, each named once, with a count.");
        if (context.AccessToken().ClientId != Clients.Backend)
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Only the holder of a user's data reports its erasure.");
        switch (await receipts.TakeAsync(id, report, cancellationToken))
        {
            case ReportOutcome.Taken:
                return TypedResults.NoContent();
            case ReportOutcome.Unknown:
                return Problems.Of(StatusCodes.Status404NotFound, "not_found", "No account of this id was deleted.");
            case ReportOutcome.TryAgain:
                break;
        }

        context.Response.Headers.RetryAfter = "1";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The database is busy.", "Report again in a second.");
    }

    private static bool IsValid(ErasedItem item) =>
        item is { Holder: "backend" or "store", What.Length: > 0 and <= ErasureItemTable.MaxWhatLength, Count: >= 0 };
}
