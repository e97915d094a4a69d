namespace Throughline.ServiceDefaults;

/// <summary>Where a browser on this machine finds the pages of a frontend.</summary>
public static class FrontendPages
{
    /// <param name="frontend">Where it listens, as its record says: with a certificate that is the name which the certificate is for.</param>
    /// <returns>Over plain HTTP the name of this machine, for passkeys refuse bare addresses.</returns>
    public static Uri At(Uri frontend)
    {
        ArgumentNullException.ThrowIfNull(frontend);
        return frontend.Scheme == Uri.UriSchemeHttps ? frontend : new($"http://localhost:{frontend.Port}");
    }
}
