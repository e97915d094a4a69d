using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Changes;

internal static class ChangeEndpoints
{
    private const int MaxWaitSeconds = 30;

    public static IServiceCollection AddChanges(this IServiceCollection services)
    {
        services.AddSingleton<ChangeSignal>();
        services.AddSingleton<ChangeFeed>();
        services.AddScoped<ChangeLog>();
        return services;
    }

    /// <summary>The feed of users and revocations, for our own services only.</summary>
    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/internal/users").RequireAuthorization(TokenPolicies.Service).WithTags("Changes");
        group.MapGet("/changes", ReadChangesAsync);
        group.MapGet("/{id:guid}", FindUserAsync);
    }

    private static async Task<Results<Ok<UserChanges>, ProblemHttpResult>> ReadChangesAsync(
        ChangeFeed feed, IHostApplicationLifetime lifetime, CancellationToken cancellationToken, long after = 0, int wait = 0)
    {
        if (after < 0) return Problems.Invalid("after", "A cursor is 0 or more.");
        if (wait is < 0 or > MaxWaitSeconds) return Problems.Invalid("wait", $"Waits are 0 to {MaxWaitSeconds} seconds.");

        // A stop does not wait for those who wait; they come again.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return TypedResults.Ok(await feed.ReadAsync(after, TimeSpan.FromSeconds(wait), ending.Token));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return TypedResults.Ok(new UserChanges([], after));
        }
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> FindUserAsync(Guid id, AuthDb db, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken) is { } user
            ? TypedResults.Ok(user.ToAccount())
            : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such user.");
}
