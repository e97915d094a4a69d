using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Throughline.ServiceDefaults;

/// <summary>
/// How the services know that a request came through the frontend: it adds <c>Throughline-Frontend: &lt;proof&gt;</c>, derived from
/// <c>secrets/client-frontend</c>, to what it sends them. Only then are <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> believed.
/// There are two proofs: one for what it passes on for a visitor, and one for what it asks itself, as <c>/session</c> does.
/// </summary>
/// <remarks>The frontend sets all four headers itself and so replaces whatever a visitor sent under these names.</remarks>
public sealed class FrontendProof
{
    public const string Header = "Throughline-Frontend";

    internal FrontendProof(StateFolder state)
    {
        var secret = Encoding.UTF8.GetBytes(state.ReadSecret("client-frontend"));
        Value = Derive(secret, "throughline frontend, own v1"u8);
        ForwardedValue = Derive(secret, "throughline frontend, forwarded v1"u8);
    }

    /// <summary>What the frontend sends with its own requests. With it auth gives tokens to <c>throughline-web</c>.</summary>
    public string Value { get; }

    /// <summary>What the frontend's proxy adds to the requests of visitors.</summary>
    public string ForwardedValue { get; }

    internal bool IsOwn(HttpRequest request) => Sends(request, Value);

    internal bool IsForwarded(HttpRequest request) => Sends(request, ForwardedValue);

    private static bool Sends(HttpRequest request, string expected) =>
        request.Headers[Header] is [{ } sent]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.ASCII.GetBytes(expected));

    /// <summary>Not the secret itself, which is for the token endpoint alone.</summary>
    private static string Derive(byte[] secret, ReadOnlySpan<byte> purpose) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, purpose));
}

public static class FrontendProofSetup
{
    private static readonly object Own = new();

    public static IServiceCollection AddFrontendProof(this IServiceCollection services) =>
        services.AddSingleton(provider => new FrontendProof(provider.GetRequiredService<StateFolder>()));

    /// <summary>Takes the visitor's address, scheme and host from the frontend; from anybody else such headers are dropped. Call it early.</summary>
    public static IApplicationBuilder UseFrontendProof(this IApplicationBuilder app)
    {
        var proof = app.ApplicationServices.GetRequiredService<FrontendProof>();
        return app.Use((context, next) =>
        {
            var isOwn = proof.IsOwn(context.Request);
            if (isOwn) context.Items[Own] = true;
            if (isOwn || proof.IsForwarded(context.Request)) Believe(context);
            context.Request.Headers.Remove(FrontendProof.Header);
            context.Request.Headers.Remove("X-Forwarded-For");
            context.Request.Headers.Remove("X-Forwarded-Proto");
            context.Request.Headers.Remove("X-Forwarded-Host");
            return next(context);
        });
    }

    /// <summary>Whether the frontend itself asks, not a visitor through its proxy.</summary>
    public static bool IsFromFrontend(this HttpContext context) => context.Items.ContainsKey(Own);

    private static void Believe(HttpContext context)
    {
        var headers = context.Request.Headers;
        // One address: the frontend is the edge, so what came before it is hearsay.
        if (IPAddress.TryParse(headers["X-Forwarded-For"].ToString(), out var address)) context.Connection.RemoteIpAddress = address;
        if (headers["X-Forwarded-Proto"].ToString() is "http" or "https") context.Request.Scheme = headers["X-Forwarded-Proto"]!;
        if (headers["X-Forwarded-Host"].ToString() is { Length: > 0 } host) context.Request.Host = new HostString(host);
    }
}
