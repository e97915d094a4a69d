using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>The browser's token mediation, protocol §2: the refresh token stays in a cookie that no script sees.</summary>
internal static class SessionSetup
{
    public static IServiceCollection AddBrowserSessions(this IServiceCollection services)
    {
        services.AddSingleton<RefreshCookie>();
        services.AddSingleton<WebClient>();
        services.AddHttpClient<AuthService>(http =>
            {
                http.BaseAddress = new Uri("http://auth");
                http.Timeout = TimeSpan.FromSeconds(15); // passwords are slow on purpose, and sign-ins may queue
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .AddServiceAddressing();
        return services;
    }

    /// <summary>Open to everyone: who may do what is for auth to say. Foreign pages are kept out by <see cref="OwnPagesOnly"/>.</summary>
    public static void MapBrowserSessions(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<FrontendProof>(); // a missing secret stops the start, not the first sign-in
        var group = routes.MapGroup("/session").AddEndpointFilter<OwnPagesOnly>().AllowAnonymous().WithTags("Sessions");
        group.MapPost("", SignInAsync);
        group.MapPost("/passkey", SignInWithPasskeyAsync);
        group.MapPost("/refresh", RefreshAsync);
        group.MapDelete("", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, AuthService auth, RefreshCookie cookie, CancellationToken cancellationToken)
    {
        var login = await context.Request.ReadFromJsonAsync(WireJson.Default.LoginRequest, cancellationToken) ?? throw new JsonException("The body is empty.");
        return await AnswerAsync(context, cookie, () => auth.SignInAsync(login, Caller.Of(context), cancellationToken));
    }

    private static async Task<IResult> SignInWithPasskeyAsync(HttpContext context, AuthService auth, RefreshCookie cookie, CancellationToken cancellationToken)
    {
        var answer = await context.Request.ReadFromJsonAsync(WireJson.Default.PasskeyAnswer, cancellationToken) ?? throw new JsonException("The body is empty.");
        return await AnswerAsync(context, cookie, () => auth.SignInAsync(answer, Caller.Of(context), cancellationToken));
    }

    private static async Task<IResult> RefreshAsync(HttpContext context, AuthService auth, RefreshCookie cookie, CancellationToken cancellationToken) =>
        cookie.Read(context.Request) is { } refreshToken
            ? await AnswerAsync(context, cookie, () => auth.RefreshAsync(refreshToken, Caller.Of(context), cancellationToken))
            : SignedOut();

    private static async Task<IResult> SignOutAsync(HttpContext context, AuthService auth, RefreshCookie cookie, CancellationToken cancellationToken)
    {
        if (cookie.Read(context.Request) is not { } refreshToken)
            return TypedResults.NoContent();
        try
        {
            await auth.RevokeAsync(refreshToken, Caller.Of(context), cancellationToken);
        }
        catch (AuthRefusal refusal)
        {
            return refusal.ToResult(context); // still signed in: the cookie stays, so that it can be tried again
        }

        cookie.Remove(context);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, RefreshCookie cookie, Func<Task<WebTokens>> grant)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            var tokens = await grant();
            cookie.Write(context, tokens.RefreshToken);
            return TypedResults.Json(new BrowserSession(tokens.AccessToken, tokens.ExpiresIn, tokens.User), WireJson.Default.BrowserSession);
        }
        catch (AuthRefusal refusal) when (refusal.OAuthError == "invalid_grant")
        {
            cookie.Remove(context);
            return SignedOut();
        }
        catch (AuthRefusal refusal)
        {
            return refusal.ToResult(context);
        }
    }

    private static ProblemHttpResult SignedOut() =>
        Problems.Of(StatusCodes.Status401Unauthorized, "session_ended", "You are signed out.", "Sign in again.");
}
