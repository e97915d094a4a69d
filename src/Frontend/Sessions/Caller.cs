namespace Throughline.Frontend.Sessions;

/// <summary>The browser on whose behalf frontend speaks to auth: sessions are listed, and failed sign-ins counted, by it.</summary>
internal sealed record Caller(string? Address, string? UserAgent)
{
    public static Caller Of(HttpContext context) =>
        new(context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent is [{ Length: > 0 } agent] ? agent : null);
}
