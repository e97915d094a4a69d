using System.Text;
using System.Text.Json;

namespace Throughline.Bench.Sockets.Client;

/// <summary>Engine.IO 4 and Socket.IO 5 by hand. With connection state recovery each event ends with its offset, and who comes back names the last one.</summary>
/// <remarks><c>42["e",{…},"offset"]</c>; <c>40{"token":…,"pid":…,"offset":…}</c></remarks>
internal sealed class SocketIoFollower(Uri server, int stream, Crowd crowd, bool resumes) : Follower(server, stream, crowd)
{
    private string? _session; // the private id, by which the server knows the session again
    private string? _offset;

    protected override async Task<RawSocket> ConnectAsync()
    {
        var socket = await RawSocket.OpenAsync(Server, "/socket.io/?EIO=4&transport=websocket", token: null);
        await UntilAsync(socket, "0{");
        var place = _session is null || _offset is null ? "" : $",\"pid\":\"{_session}\",\"offset\":\"{_offset}\"";
        await socket.SendAsync($"40{{\"token\":\"{Token}\"{place}}}");
        var answer = await UntilAsync(socket, "40{");
        if (resumes) _session = JsonElement.Parse(answer.AsSpan(2)).GetProperty("pid").GetString();
        return socket;
    }

    protected override ValueTask OnMessageAsync(RawSocket socket, ReadOnlyMemory<byte> message)
    {
        if (message.Span is [(byte)'2']) return socket.SendAsync("3"); // the heartbeat
        Take(message.Span);
        if (resumes && message.Span.StartsWith("42"u8) && message.Span[..^2].LastIndexOf((byte)'"') is > 0 and var at) _offset = Encoding.ASCII.GetString(message.Span[(at + 1)..^2]);
        return ValueTask.CompletedTask;
    }
}
