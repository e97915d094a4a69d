using Throughline.ServiceDefaults;

namespace Throughline.Verify.Looks;

/// <summary>What the public origin forwards, beside what the services answer themselves.</summary>
internal sealed class PublicOriginLook() : Look("origin", "What the public origin forwards")
{
    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        if (scene.DirectOf("frontend") is not { } frontend) return;
        var pages = FrontendPages.At(scene.GivenOf("frontend") is { Scheme: "https" } named ? named : frontend);
        foreach (var (service, path, status) in ((string, string, int)[])[("auth", "/.well-known/jwks", 200), ("backend", "/api/limits", 401)])
        {
            // Through the public origin, and where the service's process is.
            if (scene.DirectOf(service) is not { } direct) continue;
            var (through, own) = (await StatusAsync(scene, new Uri(pages, path), cancellationToken), await StatusAsync(scene, new Uri(direct, path), cancellationToken));
            if (own == $"{status}") probe.Add(new DirectLook(probe.Now, "frontend", $"GET {path} of {service}", pages.GetLeftPart(UriPartial.Authority), direct.AbsoluteUri, through, own));
        }
    }

    private static async Task<string> StatusAsync(Scene scene, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return $"{(await scene.System.Web.GetAsync(url, null, cancellationToken)).Status}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"{Web.FailureOf(e)}";
        }
    }
}
