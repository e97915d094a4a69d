namespace Throughline.Frontend.WebApp;

/// <summary>What browsers are told about every answer of the public origin.</summary>
internal static class SecurityHeaders
{
    private const string Permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = PolicyFor(context.Request);
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = Permissions;
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            if (context.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000";
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    // Scripts come from files alone; WebAssembly compiles itself ('wasm-unsafe-eval'). Styles come from files too, and from style
    // attributes, which Blazor and MudBlazor write and which can neither load nor select anything: no style element is inline
    // (docs/decisions/0028). Older browsers do not count a socket as 'self', hence the explicit address.
    private static string PolicyFor(HttpRequest request) =>
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + $"connect-src 'self' {(request.IsHttps ? "wss" : "ws")}://{request.Host.ToUriComponent()}; manifest-src 'self'; worker-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
}
