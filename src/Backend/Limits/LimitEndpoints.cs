using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.Backend.Files.Contents.S3;
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
        services.AddFrontendProof();
        services.AddSingleton(provider => new DependencyBreakers(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<S3Options>>().Value.IsUsed));
        services.AddActivatedSingleton<BreakerMetrics>();
        services.AddSingleton<Degradations>();
        services.AddHostedService<BreakerTrials>();
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton(provider => new LocalLimiter(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<LimitOptions>>().Value.CallersKept));
        services.AddSingleton(provider => new Limiter(
            provider.GetRequiredService<KeyValueStore>(), provider.GetRequiredService<DependencyBreakers>().Store, provider.GetRequiredService<LocalLimiter>(), provider.GetRequiredService<LimitMetrics>()));
        services.AddSingleton<Policies>();
        services.AddSingleton<MessageLimit>();
        services.AddSingleton<RequestLimit>();
        services.AddSingleton<SocketLimit>();
        services.AddSingleton<UploadLimit>();
        return services;
    }

    /// <summary>After authentication, so that a caller is known; before authorization, so that refusals cost something too.</summary>
    public static IApplicationBuilder UseLimits(this IApplicationBuilder app)
    {
        var requests = app.ApplicationServices.GetRequiredService<RequestLimit>();
        return app.Use((context, next) => requests.InvokeAsync(context, next));
    }

    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/limits", async (HttpContext context, MessageLimit limits, UserReplica users, CancellationToken cancellationToken) =>
        {
            var user = context.AccessToken().UserId;
            return TypedResults.Ok(new LimitReport(await users.TierAsync(user, cancellationToken), await limits.StatesAsync(user, context, cancellationToken)));
        }).RequireAuthorization().WithTags("Limits");
        routes.MapGet("/api/breakers", (DependencyBreakers breakers) => TypedResults.Ok(new Page<BreakerState>(breakers.States))).RequireAuthorization().WithTags("Limits");
    }
}
