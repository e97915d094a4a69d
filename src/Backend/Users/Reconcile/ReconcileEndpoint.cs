using System.Data.Common;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users.Reconcile;

internal static class ReconcileEndpoint
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services)
    {
        services.AddOptions<SyncOptions>().BindConfiguration("Sync").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SyncOptions>, SyncOptionsValidator>();
        services.AddSingleton<ReplicaStates>();
        services.AddSingleton<ReplicaRepair>();
        services.AddSingleton<Reconciliation>();
        services.AddSingleton<ReconcileSchedule>();
        services.AddHostedService(provider => provider.GetRequiredService<ReconcileSchedule>());
        return services;
    }

    public static void MapReconciliation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/reconcile", RunAsync).RequireAuthorization(TokenPolicies.Operator).WithTags("Users");

    /// <summary>Answers line by line as it goes, so that whoever waits sees how far it is.</summary>
    private static async Task<IResult> RunAsync(HttpContext context, Reconciliation reconciliation, bool repair = false)
    {
        var stop = context.RequestAborted;
        await using var lines = reconciliation.RunAsync(repair, stop).GetAsyncEnumerator(stop);
        try
        {
            await lines.MoveNextAsync();
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e) || e is DbException)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "Auth or the database does not answer.", e.Message);
        }

        context.Response.ContentType = "application/jsonl";
        try
        {
            do await WriteAsync(context, lines.Current);
            while (await lines.MoveNextAsync());
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e) || e is DbException)
        {
            // Too late for a status: said in the last line, which is not the one that tells the end.
            await WriteAsync(context, new(lines.Current.Compared, Error: e.Message));
        }

        return Results.Empty;
    }

    private static async Task WriteAsync(HttpContext context, ReconcileLine line)
    {
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, WireJson.Default.ReconcileLine), context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
