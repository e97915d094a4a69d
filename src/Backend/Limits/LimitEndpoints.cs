using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.Backend.Users;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

internal static class LimitEndpoints
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration("Limits").ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddSingleton<DependencyBreakers>();
        services.AddSingleton<MessageLimit>();
        return services;
    }

    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/limits", async (HttpContext context, MessageLimit messages, UserReplica users, CancellationToken cancellationToken) =>
        {
            var user = context.AccessToken().UserId;
            var tier = await users.TierAsync(user, cancellationToken);
            return TypedResults.Ok(new LimitReport(tier, [await messages.StateAsync(user, cancellationToken)]));
        }).RequireAuthorization().WithTags("Limits");
        routes.MapGet("/api/breakers", (DependencyBreakers breakers) => TypedResults.Ok(new Page<BreakerState>(breakers.States))).RequireAuthorization().WithTags("Limits");
    }
}
