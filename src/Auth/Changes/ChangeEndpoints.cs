using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Changes;

internal static class ChangeEndpoints
{
    private const int MaxWaitSeconds = 30;
    private const int MaxPage = 1000;
    private const long MaxMark = 253_402_300_799_999; // the last one of year 9999

    public static IServiceCollection AddChanges(this IServiceCollection services)
    {
        services.AddSingleton<ChangeSignal>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<FeedReaders>();
        services.AddScoped<PendingChanges>();
        services.AddScoped<ChangeLog>();
        services.AddScoped<UserStateReader>();
        services.AddScoped<UserRetelling>();
        services.AddKeyValueStore();
        services.AddSingleton<Doorbell>();
        services.AddSingleton<ChangePush>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangePush>());
        return services;
    }

    /// <summary>The feed of users and revocations, for our own services only.</summary>
    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/internal/users").RequireAuthorization(TokenPolicies.Service).WithTags("Changes");
        group.MapGet("/changes", ReadChangesAsync);
        group.MapGet("/{id:guid}", FindUserAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}/state", FindStateAsync);
        group.MapPost("/{id:guid}/retell", RetellAsync);
    }

    private static async Task<Results<Ok<UserChanges>, ProblemHttpResult>> ReadChangesAsync(
        ChangeFeed feed, IHostApplicationLifetime lifetime, CancellationToken cancellationToken, long after = 0, long? mark = null, int wait = 0)
    {
        if (after < 0) return Problems.Invalid("after", "A cursor is 0 or more.");
        if (mark is < 0 or > MaxMark) return Problems.Invalid("mark", "A mark is a time in milliseconds since 1970.");
        if (wait is < 0 or > MaxWaitSeconds) return Problems.Invalid("wait", $"Waits are 0 to {MaxWaitSeconds} seconds.");

        // A stop does not wait for those who wait; they come again.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return TypedResults.Ok(await feed.ReadAsync(new(after, mark is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null), TimeSpan.FromSeconds(wait), ending.Token));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return TypedResults.Ok(new UserChanges([], after, mark is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null));
        }
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> FindUserAsync(Guid id, AuthDb db, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken) is { } user
            ? TypedResults.Ok(user.ToAccount())
            : NoSuchUser();

    /// <summary>All users and tombstones, page by page, for whoever compares its copy.</summary>
    private static async Task<Results<Ok<UserStates>, ProblemHttpResult>> ListAsync(
        UserStateReader users, CancellationToken cancellationToken, Guid? after = null, int limit = 500) =>
        limit is < 1 or > MaxPage
            ? Problems.Invalid("limit", $"A page has 1 to {MaxPage} users.")
            : TypedResults.Ok(await users.PageAsync(after ?? Guid.Empty, limit, cancellationToken));

    private static async Task<Results<Ok<UserState>, ProblemHttpResult>> FindStateAsync(Guid id, UserStateReader users, CancellationToken cancellationToken) =>
        await users.FindAsync(id, cancellationToken) is { } state ? TypedResults.Ok(state) : NoSuchUser();

    private static async Task<Results<NoContent, ProblemHttpResult>> RetellAsync(
        Guid id, SeenUser seen, UserRetelling retelling, CancellationToken cancellationToken)
    {
        if (seen.Version is < 0 or > UserRetelling.MaxVersion) return Problems.Invalid("version", $"A version is 0 to {UserRetelling.MaxVersion}.");
        return await retelling.TellAgainAsync(id, seen, cancellationToken) ? TypedResults.NoContent() : NoSuchUser();
    }

    private static ProblemHttpResult NoSuchUser() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such user.");
}
