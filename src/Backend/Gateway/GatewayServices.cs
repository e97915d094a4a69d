using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

internal static class GatewayServices
{
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration("Gateway").ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddActivatedSingleton<GatewayMetrics>();
        services.AddSingleton<ClosedSockets>();
        services.AddSingleton<LiveAnswers>();
        services.AddSingleton<OwnOrigins>();
        services.AddSingleton<Tickets>();
        services.AddSingleton<SocketCredentials>();
        services.AddSingleton<FrameHandler>();
        services.AddSingleton<SocketEndpoint>();
        services.AddHostedService<ConnectionWatch>();
        // Pings find peers that went without a word: within 15 + 20 s.
        services.Configure<WebSocketOptions>(sockets =>
        {
            sockets.KeepAliveInterval = TimeSpan.FromSeconds(15);
            sockets.KeepAliveTimeout = TimeSpan.FromSeconds(20);
        });
        return services;
    }

    public static void MapGateway(this WebApplication app)
    {
        app.Use(MaskedFrames.InsistAsync);
        app.UseWebSockets();
        app.Map("/ws", (HttpContext context, SocketEndpoint endpoint) => endpoint.AcceptAsync(context)).AllowAnonymous();
        app.MapPost("/api/ws-tickets", IssueTicketAsync).RequireAuthorization();
    }

    private static async Task<IResult> IssueTicketAsync(HttpContext context, Tickets tickets)
    {
        try
        {
            return TypedResults.Ok(await tickets.IssueAsync(context.AccessToken(), context.RequestAborted));
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e))
        {
            context.Response.Headers.RetryAfter = "5";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "Tickets cannot be issued just now.", "Connect with the access token instead.");
        }
    }
}
