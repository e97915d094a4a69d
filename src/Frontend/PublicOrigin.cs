using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend;

/// <summary>The one address that people see: which names it answers to, where it listens, and what counts as its own origin.</summary>
internal sealed class PublicOrigin
{
    private readonly HashSet<string> _origins;
    private readonly HashSet<string> _hosts;
    private readonly HashSet<string> _secureHosts;

    public PublicOrigin(IOptions<FrontendOptions> options, IConfiguration configuration)
    {
        _origins = new(options.Value.Origins.Append(TokenOptions.OriginElsewhere(configuration["Auth:Issuer"])).OfType<string>(), StringComparer.OrdinalIgnoreCase);
        var urls = _origins.Select(origin => new Uri(origin)).ToList();
        _hosts = new(urls.Select(url => url.Authority), StringComparer.OrdinalIgnoreCase);
        _secureHosts = new(urls.Where(url => url.Scheme == Uri.UriSchemeHttps).Select(url => url.Authority), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a page that was loaded from here sent the request.</summary>
    public bool IsOwn(HttpRequest request) =>
        request.Headers.Origin is [{ } origin]
        && (_origins.Contains(origin) || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether somebody reached us by HTTPS, which a reverse proxy ended: it names an origin that has no plain HTTP.</summary>
    public bool WasSecure(HttpRequest request) => !request.IsHttps && _secureHosts.Contains(request.Host.Value ?? "");

    /// <summary>Whether the request names us. A foreign name that resolves to this machine is an attack (DNS rebinding).</summary>
    public bool Answers(HostString host) =>
        _hosts.Contains(host.Value ?? "")
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

internal static class PublicOriginSetup
{
    /// <summary>Call it before AddServiceDefaults, which opens the port.</summary>
    public static void AddPublicOrigin(this WebApplicationBuilder builder)
    {
        builder.AddServiceSettings("frontend");
        // `localhost` may mean either loopback address; a browser tries ::1 first and waits before it tries the other.
        var host = builder.Configuration["Listen:Host"] ?? "127.0.0.1";
        var isLoopback = host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        if (host == "127.0.0.1")
            builder.Configuration["Listen:Host"] = "localhost";
        // What the service counts is nothing for the public origin.
        builder.Configuration["Listen:MetricsPort"] ??= "0";

        builder.Services.AddOptions<FrontendOptions>().BindConfiguration("Frontend").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FrontendOptions>, FrontendOptionsValidator>();
        builder.Services.AddSingleton<PublicOrigin>();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<FrontendOptions>>((forwarded, frontend) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var proxy in frontend.Value.ReverseProxies) forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        });
        if (builder.Configuration["Frontend:Certificate"] is { } path && File.Exists(path))
            builder.UseCertificate(path);
        else if (!isLoopback)
            throw new StartupException(ExitCode.Configuration,
                $"Listen:Host is '{host}', which others can reach: set Frontend:Certificate, because plain HTTP is for loopback only.");

        // The backend has the limit for uploads; a second one here could only disagree.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
    }

    /// <summary>Takes in what a reverse proxy in front knows: who asks, and that it was by HTTPS.</summary>
    public static void UseReverseProxies(this WebApplication app)
    {
        var (origin, proxies) = (app.Services.GetRequiredService<PublicOrigin>(), app.Services.GetRequiredService<IOptions<FrontendOptions>>().Value.ReverseProxies);
        if (proxies.Count > 0) app.UseForwardedHeaders(); // with none known it would believe everybody
        app.Use((context, next) =>
        {
            if (origin.WasSecure(context.Request)) context.Request.Scheme = Uri.UriSchemeHttps;
            return next(context);
        });
    }

    public static void UsePublicOrigin(this WebApplication app)
    {
        var origin = app.Services.GetRequiredService<PublicOrigin>();
        app.Use((context, next) => origin.Answers(context.Request.Host)
            ? next(context)
            : Problems.Of(StatusCodes.Status400BadRequest, "unknown_host", "This server does not answer to that name.",
                "Open it as http://localhost, or let its operator start it with --origin and this name.").ExecuteAsync(context));
    }

    private static void UseCertificate(this WebApplicationBuilder builder, string path)
    {
        var certificate = LoadCertificate(path, builder.Configuration["Frontend:CertificatePassword"]);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseHttps(certificate)));
    }

    private static X509Certificate2 LoadCertificate(string path, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException or IOException)
        {
            throw new StartupException(
                ExitCode.Configuration,
                $"Frontend:Certificate is '{path}', which cannot be opened ({e.Message.TrimEnd('.')}): name a PKCS#12 file, and its password in Frontend:CertificatePassword.");
        }
    }
}
