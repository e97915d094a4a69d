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
/// </summary>
/// <remarks>The frontend sets all four headers itself and so replaces whatever a visitor sent under these names.</remarks>
public sealed class FrontendProof
{
    public const string Header = "Throughline-Frontend";

    private readonly byte[] _expected;

    internal FrontendProof(StateFolder state)
    {
        Value = Of(state.ReadSecret("client-frontend"));
        _expected = Encoding.ASCII.GetBytes(Value);
    }

    /// <summary>What the frontend sends.</summary>
    public string Value { get; }

    /// <summary>Not the secret itself, which is for the token endpoint alone.</summary>
    private static string Of(string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "throughline frontend v1"u8));

    internal bool IsProven(HttpRequest request) =>
        request.Headers[Header] is [{ } sent]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), _expected);
}

public static class FrontendProofSetup
{
    private static readonly object Proven = new();

    public static IServiceCollection AddFrontendProof(this IServiceCollection services) =>
        services.AddSingleton(provider => new FrontendProof(provider.GetRequiredService<StateFolder>()));

    /// <summary>Takes the visitor's address, scheme and host from the frontend; from anybody else such headers are dropped. Call it early.</summary>
    public static IApplicationBuilder UseFrontendProof(this IApplicationBuilder app)
    {
        var proof = app.ApplicationServices.GetRequiredService<FrontendProof>();
        return app.Use((context, next) =>
        {
            if (proof.IsProven(context.Request))
            {
                context.Items[Proven] = true;
                Believe(context);
            }
            context.Request.Headers.Remove(FrontendProof.Header);
            context.Request.Headers.Remove("X-Forwarded-For");
            context.Request.Headers.Remove("X-Forwarded-Proto");
            context.Request.Headers.Remove("X-Forwarded-Host");
            return next(context);
        });
    }

    /// <summary>Whether the frontend sent this request.</summary>
    public static bool IsFromFrontend(this HttpContext context) => context.Items.ContainsKey(Proven);

    private static void Believe(HttpContext context)
    {
        var headers = context.Request.Headers;
        // One address: the frontend is the edge, so what came before it is hearsay.
        if (IPAddress.TryParse(headers["X-Forwarded-For"].ToString(), out var address)) context.Connection.RemoteIpAddress = address;
        if (headers["X-Forwarded-Proto"].ToString() is "http" or "https") context.Request.Scheme = headers["X-Forwarded-Proto"]!;
        if (headers["X-Forwarded-Host"].ToString() is { Length: > 0 } host) context.Request.Host = new HostString(host);
    }
}
