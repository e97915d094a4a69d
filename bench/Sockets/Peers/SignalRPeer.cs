using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>SignalR with its JSON protocol, WebSockets only; stateful reconnect for clients that negotiate it. A user's sockets are a group, which it finds without looking at all.</summary>
internal sealed class SignalRPeer : IPeer
{
    private readonly IHubContext<EventHub> _hub;

    public SignalRPeer(WebApplication app)
    {
        app.MapHub<EventHub>("/ws", options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.AllowStatefulReconnects = true;
        });
        _hub = app.Services.GetRequiredService<IHubContext<EventHub>>();
    }

    public static void AddTo(IServiceCollection services) => services.AddSignalR();

    public Task PrepareAsync(int streams) => Task.CompletedTask;

    public async ValueTask PublishAsync(int stream, long number)
    {
        var now = Stopwatch.GetTimestamp();
        await _hub.Clients.Group(Members.IdOf(stream).ToString()).SendAsync("e", new HubEvent("CUSTOM", now, number, Filling[..Event.FillingOf(now, number)]));
    }

    public Task FlushAsync() => Task.CompletedTask;

    public Task<string> AnswerAsync(string[] command) => throw new NotSupportedException();

    private static readonly string Filling = new('x', Event.Length);
}

internal sealed class EventHub : Hub
{
    public override Task OnConnectedAsync() => Groups.AddToGroupAsync(Context.ConnectionId, Context.UserIdentifier!);
}

internal sealed record HubEvent(
    [property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("t")] long Timestamp, [property: JsonPropertyName("n")] long Number, [property: JsonPropertyName("p")] string Filling);
