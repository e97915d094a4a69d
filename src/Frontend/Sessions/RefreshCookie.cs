using System.Security.Cryptography;
using System.Text;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>The browser's refresh token, where no script can read it and no other path gets it.</summary>
internal sealed class RefreshCookie(StateFolder state)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7); // as long as a refresh token lives unused; auth decides

    // Cookies know no ports: two installations on one machine would overwrite each other's under one name.
    private readonly string _name = $"throughline-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.Root))[..4])}";

    public string? Read(HttpRequest request) => request.Cookies[_name] is { Length: > 0 } token ? token : null;

    public void Write(HttpContext context, string refreshToken) =>
        context.Response.Cookies.Append(_name, refreshToken, Options(context, Lifetime));

    public void Remove(HttpContext context) => context.Response.Cookies.Append(_name, "", Options(context, TimeSpan.Zero));

    private static CookieOptions Options(HttpContext context, TimeSpan maxAge) => new()
    {
        Path = "/session",
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps, // plain HTTP is for loopback only
        MaxAge = maxAge,
        IsEssential = true,
    };
}
