using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>What the servers have alike: <c>POST /publish?events=&amp;rate=</c> (no rate: as fast as it takes them), <c>POST /collect</c>, and an end with standard input.</summary>
internal static class PeerHost
{
    public static async Task<int> RunAsync(string kind)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        IPeer peer = kind switch
        {
            "throughline" => new ThroughlinePeer(builder),
            "kestrel" => new KestrelPeer(),
            "signalr" => new SignalRPeer(builder),
            _ => throw new ArgumentException($"There is no server '{kind}'.", nameof(kind)),
        };
        await using var app = builder.Build();
        app.UseWebSockets();
        await peer.MapAsync(app);
        app.MapPost("/publish", (int events, double? rate) => PublishAsync(peer, events, rate));
        app.MapPost("/collect", () =>
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync($"ready {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        await peer.DisposeAsync();
        return 0;
    }

    private static async Task PublishAsync(IPeer peer, int events, double? rate)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < events; i++)
        {
            if (rate is { } perSecond && TimeSpan.FromSeconds(i / perSecond) - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early) await Task.Delay(early, TimeProvider.System);
            await peer.PublishAsync();
        }
    }
}

/// <summary>A way to bring events to sockets.</summary>
internal interface IPeer : IAsyncDisposable
{
    Task MapAsync(WebApplication app);

    /// <summary>Publishes one event to all sockets; returns when the server takes the next one.</summary>
    ValueTask PublishAsync();
}
