using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Backend.Users.Erasure;
using Throughline.Backend.Users.Reconcile;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

internal static class UserEndpoints
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.AddSingleton<UserReplica>();
        services.AddSingleton<ReplicaSignal>();
        services.AddSingleton<UserFeedHealth>();
        services.AddSingleton<IDependencyProbe>(provider => provider.GetRequiredService<UserFeedHealth>());
        services.AddSingleton<UserChangeWriter>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<IRevocations>(provider => provider.GetRequiredService<Revocations>());
        services.AddHttpClient(AuthFeedClient.HttpClientName).AddServiceAddressing();
        services.AddSingleton<ServiceTokenSource>();
        services.AddSingleton<AuthFeedClient>();
        services.AddHttpClient(ApiKeyClient.HttpClientName, client => client.Timeout = ApiKeyClient.Timeout).AddServiceAddressing();
        services.AddApiKeyVerification<ApiKeyClient>();
        services.AddSingleton<RestoreGate>();
        services.AddSingleton<FeedHighWater>();
        services.AddSingleton<FeedCatchUp>();
        services.AddSingleton<FeedMetrics>();
        services.AddSingleton<FeedPages>();
        services.AddSingleton<FeedBell>();
        services.AddSingleton<Doorbell>();
        services.AddHostedService<DoorbellListener>();
        services.AddReconciliation();
        services.AddSingleton<ErasureReports>();
        services.AddSingleton<UserErasure>();
        services.AddHostedService(provider => provider.GetRequiredService<UserErasure>());
        services.AddHostedService<UserFeed>();
        return services;
    }

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/me", ReadMeAsync).RequireAuthorization();
        routes.MapGet("/internal/users/{id:guid}", ReadStatusAsync).RequireAuthorization(TokenPolicies.Service);
        routes.MapReconciliation();
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> ReadMeAsync(HttpContext context, UserReplica users, CancellationToken cancellationToken)
    {
        var user = await users.WaitForAsync(context.AccessToken().UserId, cancellationToken);
        if (user is null)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "Your account has not reached this service yet.", "Try again in a moment.");
        }

        return TypedResults.Ok(new Account(user.UserId, user.Email, user.Name, user.Tier, user.Role, user.Version, user.CreatedAt));
    }

    private static async Task<Results<Ok<ReplicaStatus>, ProblemHttpResult>> ReadStatusAsync(Guid id, UserReplica users, CancellationToken cancellationToken) =>
        await users.FindAsync(id, cancellationToken) is { } user
            ? TypedResults.Ok(new ReplicaStatus(user.Version, user.Status, user.AppliedAt))
            : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such user.");
}

/// <summary>How far the replica of one user is: <c>GET /internal/users/{id}</c>.</summary>
internal sealed record ReplicaStatus(long Version, string Status, DateTimeOffset AppliedAt);
