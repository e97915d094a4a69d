using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.WebApp;

/// <summary>Serves the web app: its files, and its one page for every address that the app itself routes.</summary>
internal static class WebAppSetup
{
    // Addresses that belong to services; what they do not know is not a page of the app.
    private static readonly string[] NotTheApp = ["/session", "/health", "/api", "/auth", "/connect", "/.well-known", "/ws", "/internal"];

    public static void AddWebApp(this WebApplicationBuilder builder) =>
        // Built, not published, assemblies find the app's files by the build's manifest, in every environment.
        StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);

    public static void MapWebApp(this WebApplication app)
    {
        // The group decides for all that the assets map, also for what they add while they are built and not published.
        app.MapGroup("").AllowAnonymous().MapStaticAssets();
        foreach (var prefix in NotTheApp)
            app.MapFallback($"{prefix}/{{**rest}}", NotFound).AllowAnonymous();
        app.MapFallbackToFile("{*path:nonfile}", "index.html", new StaticFileOptions { OnPrepareResponse = AlwaysAsk }).AllowAnonymous();
    }

    // The page names the current version of everything else, so it is never taken from a cache unasked.
    private static void AlwaysAsk(StaticFileResponseContext page) => page.Context.Response.Headers.CacheControl = "no-cache";

    private static ProblemHttpResult NotFound() =>
        Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is nothing at this address.");
}
