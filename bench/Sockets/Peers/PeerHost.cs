using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>The peers on .NET, each in a process of its own. Who connects is asked for the same access token, and the product's verifier verifies it.</summary>
internal static class PeerHost
{
    public static async Task<int> RunAsync(string kind)
    {
        if (kind == "flood")
        {
            await FloodPeer.RunAsync();
            return 0;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (kind == "signalr") SignalRPeer.AddTo(builder.Services);
        await using var app = builder.Build();
        var verifier = new AccessTokenVerifier(
            new NoPublishedKeys(), new NothingRevoked(), Options.Create(new TokenOptions { Issuer = Members.Issuer, Secret = SharedSecret.Of(app.Configuration) }), TimeProvider.System);
        app.Use(async (context, next) =>
        {
            if ((await verifier.VerifyAsync(TokenOf(context), context.RequestAborted)).Token is not { } token)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            context.User = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, token.UserId.ToString())], "Bearer"));
            await next(context);
        });
        app.UseWebSockets();
        IPeer peer = kind switch
        {
            "kestrel" => new KestrelPeer(app),
            "signalr" => new SignalRPeer(app),
            _ => throw new ArgumentException($"There is no server '{kind}'.", nameof(kind)),
        };
        await app.StartAsync();
        await PeerControl.RunAsync(peer, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await app.StopAsync();
        return 0;
    }

    private static string? TokenOf(HttpContext context) => context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] ? token : null;

    private sealed class NoPublishedKeys : IVerificationKeySource
    {
        public VerificationKeys Current => throw new InvalidOperationException("The shared secret verifies.");

        public ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken) => throw new InvalidOperationException("The shared secret verifies.");
    }

    private sealed class NothingRevoked : IRevocations
    {
        public bool IsRevoked(AccessToken token) => false;
    }
}
