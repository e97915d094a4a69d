using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>SignalR with its JSON protocol, WebSockets only and without negotiation.</summary>
internal sealed class SignalRPeer : IPeer
{
    private IHubContext<EventHub>? _hub;

    public SignalRPeer(WebApplicationBuilder builder) => builder.Services.AddSignalR();

    public Task MapAsync(WebApplication app)
    {
        app.MapHub<EventHub>("/ws", options => options.Transports = HttpTransportType.WebSockets);
        _hub = app.Services.GetRequiredService<IHubContext<EventHub>>();
        return Task.CompletedTask;
    }

    public async ValueTask PublishAsync() => await _hub!.Clients.All.SendAsync("e", JsonElement.Parse(Event.Now()));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class EventHub : Hub;
