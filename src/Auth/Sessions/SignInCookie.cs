using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace Throughline.Auth.Sessions;

/// <summary>
/// The cookie that a sign-in leaves for <c>/connect/authorize</c>, and for nothing else: it names the session, and the session is
/// looked up at each use, so it ends with it.
/// </summary>
internal static class SignInCookie
{
    public const string Scheme = "SignIn";
    private const string SessionClaim = "sid";

    public static void AddSignInCookie(this AuthenticationBuilder authentication) => authentication.AddCookie(Scheme, options =>
    {
        options.Cookie.Name = "throughline-signin";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // plain HTTP is for loopback only
        options.Cookie.Path = "/connect";
        options.ExpireTimeSpan = SessionStore.MaxLifetime;
        options.SlidingExpiration = false;
        options.Events.OnRedirectToLogin = context =>
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
    });

    public static Task LeaveAsync(HttpContext context, Session session) => context.SignInAsync(
        Scheme,
        new ClaimsPrincipal(new ClaimsIdentity([new(SessionClaim, session.Id.ToString())], Scheme)),
        new() { IsPersistent = true, IssuedUtc = session.CreatedAt, ExpiresUtc = session.ExpiresAt });

    public static Task RemoveAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>The live session that the request's cookie names.</summary>
    public static async Task<LiveSession?> FindLiveAsync(HttpContext context, SessionStore sessions)
    {
        var ticket = await context.AuthenticateAsync(Scheme);
        return Guid.TryParse(ticket.Principal?.FindFirstValue(SessionClaim), out var id)
            ? await sessions.FindLiveAsync(id, context.RequestAborted)
            : null;
    }
}
