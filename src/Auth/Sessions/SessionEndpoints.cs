using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.ApiKeys;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Sessions;

internal static class SessionEndpoints
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddScoped<SessionStore>();
        services.AddSingleton<IRevocations, NoRevocations>();
        return services;
    }

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/auth").RequireLiveSession().WithTags("Sessions");
        group.MapPost("/logout", LogOutAsync);
        group.MapGet("/sessions", ListAsync).OpenToApiKeys(ApiKeyScopes.Account);
        group.MapDelete("/sessions/{id:guid}", RevokeAsync).OpenToApiKeys(ApiKeyScopes.Account);
        group.MapDelete("/sessions", RevokeOthersAsync).OpenToApiKeys(ApiKeyScopes.Account);
    }

    private static async Task<NoContent> LogOutAsync(HttpContext context, SessionStore sessions, CancellationToken cancellationToken)
    {
        var (session, user) = context.LiveSession();
        await sessions.LogOutAsync(user.Id, session.Id, cancellationToken);
        await SignInCookie.RemoveAsync(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Page<DeviceSession>>> ListAsync(
        HttpContext context, SessionStore sessions, CancellationToken cancellationToken)
    {
        var (current, user) = context.LiveSession();
        var live = await sessions.ListLiveAsync(user.Id, cancellationToken);
        return TypedResults.Ok(new Page<DeviceSession>(
            live.ConvertAll(s => new DeviceSession(s.Id, s.CreatedAt, s.LastSeenAt, s.Address, s.UserAgent, s.Id == current.Id))));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, HttpContext context, SessionStore sessions, CancellationToken cancellationToken) =>
        await sessions.RevokeAsync(context.LiveSession().User.Id, id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such device.");

    /// <summary>Signs out everywhere else: the calling session stays, <c>/auth/logout</c> ends that one.</summary>
    private static async Task<NoContent> RevokeOthersAsync(HttpContext context, SessionStore sessions, CancellationToken cancellationToken)
    {
        var (session, user) = context.LiveSession();
        await sessions.RevokeOthersAsync(user.Id, session.Id, cancellationToken);
        return TypedResults.NoContent();
    }
}
