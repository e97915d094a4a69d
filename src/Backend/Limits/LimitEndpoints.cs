using Throughline.Backend.Breakers;
using Throughline.Backend.Users;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

internal static class LimitEndpoints
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddSingleton<DependencyBreakers>();
        services.AddSingleton<MessageLimit>();
        return services;
    }

    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/limits", async (HttpContext context, MessageLimit limit, UserReplica users, CancellationToken cancellationToken) =>
        {
            var user = context.AccessToken().UserId;
            return TypedResults.Ok(new LimitReport(await users.TierAsync(user, cancellationToken), [await limit.StateAsync(user, cancellationToken)]));
        }).RequireAuthorization().WithTags("Limits");
        routes.MapGet("/api/breakers", (DependencyBreakers breakers) => TypedResults.Ok(new Page<BreakerState>(breakers.States))).RequireAuthorization().WithTags("Limits");
    }
}
