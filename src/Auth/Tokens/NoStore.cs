namespace Throughline.Auth.Tokens;

internal static class NoStore
{
    /// <summary>Nothing that auth answers may be kept by a cache, but for the discovery document and the key set.</summary>
    public static void UseNoStore(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!context.Request.Path.StartsWithSegments("/.well-known")) context.Response.Headers.CacheControl = "no-store";
        return next(context);
    });

    /// <summary>Libraries that log every request or statement say only what is wrong.</summary>
    public static void AddQuietLibraries(this ILoggingBuilder logging) =>
        logging.AddFilter("OpenIddict", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
}
