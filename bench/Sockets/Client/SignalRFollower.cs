using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Throughline.Bench.Sockets.Client;

/// <summary>SignalR's JSON protocol; with stateful reconnect (version 2 of it) messages are counted, acknowledged, and sent again after a reconnect.</summary>
/// <remarks><c>{"type":8,"sequenceId":n}</c> acknowledges, <c>{"type":9,"sequenceId":n}</c> says what comes next: https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md</remarks>
internal sealed class SignalRFollower(Uri server, int stream, Crowd crowd, bool resumes) : Follower(server, stream, crowd)
{
    private const string End = "\u001e";

    private static readonly HttpClient Http = new();

    private string? _connection; // its token, while the server may still know it
    private long _received; // messages that are counted
    private long _next = 1; // what the next message's number is

    protected override async Task<RawSocket> ConnectAsync()
    {
        if (_connection is not null)
        {
            try
            {
                var again = await RawSocket.OpenAsync(Server, $"/ws?id={_connection}", Token);
                // We send nothing that is counted: our next is always the first.
                await again.SendAsync("{\"type\":9,\"sequenceId\":1}" + End);
                await OnMessageAsync(again, Encoding.UTF8.GetBytes(await UntilAsync(again, "{\"type\":9")));
                return again;
            }
            catch (HttpRequestException)
            {
                _connection = null; // the server knows it no more: start anew
            }
        }

        (_received, _next) = (0, 1);
        if (resumes) _connection = await NegotiateAsync();
        var socket = await RawSocket.OpenAsync(Server, _connection is null ? "/ws" : $"/ws?id={_connection}", Token);
        await socket.SendAsync($$"""{"protocol":"json","version":{{(resumes ? 2 : 1)}}}""" + End);
        await UntilAsync(socket, "{}");
        return socket;
    }

    public override ValueTask AcknowledgeAsync() => SendAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":8,\"sequenceId\":{_received}}}{End}"));

    protected override ValueTask OnMessageAsync(RawSocket socket, ReadOnlyMemory<byte> message)
    {
        if (!resumes) return base.OnMessageAsync(socket, message);
        foreach (var range in message.Span.Split((byte)0x1E))
        {
            var one = message.Span[range];
            if (one.StartsWith("{\"type\":9"u8)) _next = JsonDocument.Parse(message[range]).RootElement.GetProperty("sequenceId").GetInt64();
            else if (one.StartsWith("{\"type\":1,"u8) && _next++ > _received) (_received, _) = (_received + 1, TakeOne(one)); // what came before is sent again, and left out
        }

        return ValueTask.CompletedTask;
    }

    private bool TakeOne(ReadOnlySpan<byte> message)
    {
        Take(message);
        return true;
    }

    private async Task<string> NegotiateAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server, "/ws/negotiate?negotiateVersion=1&useStatefulReconnect=true"));
        request.Headers.Authorization = new("Bearer", Token);
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (!answer.TryGetProperty("useStatefulReconnect", out var stateful) || !stateful.GetBoolean()) throw new HttpRequestException("The server does not reconnect statefully.");
        return answer.GetProperty("connectionToken").GetString()!;
    }
}
