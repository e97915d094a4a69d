using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>Every type of frame that a client may send, from every kind of caller, over a socket.</summary>
public sealed class DrivingEveryFrame(World world) : IClassFixture<World>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void The_table_has_a_line_for_every_type_and_no_other() => Assert.Equal(
        typeof(ClientFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => (string)a.TypeDiscriminator!).Order(StringComparer.Ordinal),
        Frames.All.Select(f => f.Type).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Everyone_gets_what_the_table_says(string type)
    {
        var row = Frames.All.Single(f => f.Type == type);
        Assert.Equal(row.Own, (await SendAsync(row, Caller.Owner, isAbsent: false)).Kind);
        var (foreign, absent) = (await SendAsync(row, Caller.Other, isAbsent: false), await SendAsync(row, Caller.Other, isAbsent: true));
        Assert.Equal(row.Foreign, foreign.Kind);
        Assert.Equal(row.Foreign, (await SendAsync(row, Caller.Admin, isAbsent: false)).Kind);
        if (row.IsBlindToIds) Assert.Equal(row.Foreign, absent.Kind);
        else if (row.Type != "auth.refresh") Assert.Equal(absent, foreign);
        else Assert.Equal(row.Foreign, absent.Kind);

        foreach (var caller in Enum.GetValues<Caller>().Except([Caller.Owner, Caller.Other, Caller.Admin]))
            Assert.Equal((caller, caller == Caller.Anonymous ? "4001" : "4002"), (caller, (await SendAsync(row, caller, isAbsent: false)).Kind));
        // And the owner's is as it was.
        Assert.Equal(row.Own, (await SendAsync(row, Caller.Owner, isAbsent: false)).Kind);
    }

    public static TheoryData<string> Lines() => [.. Frames.All.Select(f => f.Type)];

    /// <summary>Sends one frame on a socket of its own.</summary>
    /// <returns>The answer's kind, and the answer without what differs between any two.</returns>
    private async Task<(string Kind, string Text)> SendAsync(FrameRow row, Caller caller, bool isAbsent)
    {
        await using var socket = await RawSocket.OpenAsync(world.Platform.WebSocket, options =>
        {
            if (world.TokenOf(caller) is { } token) options.SetRequestHeader("Authorization", $"Bearer {token}");
        }, Stop);
        var id = $"f-{Guid.NewGuid():N}";
        var frame = row.Members(world, isAbsent);
        (frame["type"], frame["id"]) = (row.Type, id);
        var isLetIn = caller is Caller.Owner or Caller.Other or Caller.Admin;
        if (isLetIn) await socket.HelloAsync(Stop);
        await TrySendAsync(socket, frame);
        if (!isLetIn || (caller != Caller.Owner && row.Foreign.All(char.IsAsciiDigit)))
        {
            var closed = await socket.ClosedAsync(Stop);
            if (!isLetIn) Assert.Empty(socket.Frames);
            return ($"{closed}", $"{closed} {socket.CloseText}");
        }

        var answer = await socket.AnswerToAsync(id, Stop);
        await socket.SendAsync(new { type = "ping", id = "after" }, Stop);
        await socket.AnswerToAsync("after", Stop);
        if (caller != Caller.Owner)
            Assert.DoesNotContain(world.OwnersCanary, string.Concat(socket.Frames.Select(f => f.GetRawText())), StringComparison.OrdinalIgnoreCase);
        var kind = RawSocket.TypeOf(answer)!;
        return (kind == "error" ? answer.GetProperty("code").GetString()! : kind, answer.GetRawText().Replace(id, "", StringComparison.Ordinal));
    }

    /// <summary>A socket that is refused may be closed before the frame is out.</summary>
    private static async Task TrySendAsync(RawSocket socket, object frame)
    {
        try
        {
            await socket.SendTextAsync(JsonSerializer.Serialize(frame), Stop);
        }
        catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or InvalidOperationException or ObjectDisposedException or IOException)
        {
            // The close code is what is looked at.
        }
    }
}
