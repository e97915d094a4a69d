using System.Text;
using System.Text.Json;

namespace Throughline.Backend.Tests.Gateway.Rfc6455;

/// <summary>What RFC 6455 asks of a server, in its own order, byte by byte.</summary>
public sealed class SpeakingRfc6455(BackendStack platform, OneUser one) : IClassFixture<OneUser>
{
    private const string Ping = """{"type":"ping","t":"é€😀"}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // §4.2: the handshake.
    [Theory]
    [InlineData("Sec-WebSocket-Key", null)]
    [InlineData("Sec-WebSocket-Key", "dG9vIHNob3J0")]
    [InlineData("Sec-WebSocket-Version", "12")]
    [InlineData("Sec-WebSocket-Version", null)]
    [InlineData("Upgrade", "h2c")]
    [InlineData("Connection", "close")]
    public async Task A_handshake_that_is_none_is_not_upgraded(string field, string? value)
    {
        using var wire = await WireSocket.ConnectAsync(platform.WebSocket, Stop);
        var answer = await wire.UpgradeAsync(platform.WebSocket, one.User.AccessToken, new Dictionary<string, string?> { [field] = value }, Stop);
        Assert.Matches("^HTTP/1.1 (400|426) ", answer);
    }

    // §5.1, §5.2, §5.4, §5.5, §7.4, §8.1: what is forbidden fails the connection with the code that says why.
    public static TheoryData<string, int, byte[][]> Forbidden() => new()
    {
        { "the first reserved bit", 1002, [new Frame(Frame.Text, "{}"u8.ToArray(), Reserved: 4).Encode()] },
        { "the second reserved bit", 1002, [new Frame(Frame.Text, "{}"u8.ToArray(), Reserved: 2).Encode()] },
        { "the third reserved bit", 1002, [new Frame(Frame.Text, "{}"u8.ToArray(), Reserved: 1).Encode()] },
        { "a reserved bit on a ping", 1002, [new Frame(Frame.Ping, [], Reserved: 4).Encode()] },
        { "opcode 3", 1002, [new Frame(3, []).Encode()] },
        { "opcode 7", 1002, [new Frame(7, []).Encode()] },
        { "opcode 11", 1002, [new Frame(11, []).Encode()] },
        { "opcode 15", 1002, [new Frame(15, []).Encode()] },
        { "a continuation of nothing", 1002, [new Frame(Frame.Continuation, "{}"u8.ToArray()).Encode()] },
        { "a message inside another", 1002, [new Frame(Frame.Text, "{"u8.ToArray(), IsFinal: false).Encode(), new Frame(Frame.Text, "}"u8.ToArray()).Encode()] },
        { "a ping in pieces", 1002, [new Frame(Frame.Ping, [], IsFinal: false).Encode()] },
        { "a ping of 126 bytes", 1002, [new Frame(Frame.Ping, new byte[126]).Encode()] },
        { "a close of 126 bytes", 1002, [new Frame(Frame.Close, [3, 232, .. new byte[124]]).Encode()] },
        { "a close of one byte", 1002, [new Frame(Frame.Close, [3]).Encode()] },
        { "close code 0", 1002, [Frame.OfClose(0).Encode()] },
        { "close code 999", 1002, [Frame.OfClose(999).Encode()] },
        { "close code 1004", 1002, [Frame.OfClose(1004).Encode()] },
        { "close code 1005", 1002, [Frame.OfClose(1005).Encode()] },
        { "close code 1006", 1002, [Frame.OfClose(1006).Encode()] },
        { "close code 1015", 1002, [Frame.OfClose(1015).Encode()] },
        { "close code 2999", 1002, [Frame.OfClose(2999).Encode()] },
        { "close code 5000", 1002, [Frame.OfClose(5000).Encode()] },
        { "a length with its highest bit set", 1002, [[0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5]] },
        { "text that is not UTF-8", 1007, [new Frame(Frame.Text, [0xC3, 0x28]).Encode()] },
        { "text that encodes a surrogate", 1007, [new Frame(Frame.Text, [0xED, 0xA0, 0x80]).Encode()] },
        { "text in too long a form", 1007, [new Frame(Frame.Text, [0xC0, 0xAF]).Encode()] },
        { "text beyond Unicode", 1007, [new Frame(Frame.Text, [0xF5, 0x80, 0x80, 0x80]).Encode()] },
        { "text cut inside a character", 1007, [new Frame(Frame.Text, [0xE2, 0x82]).Encode()] },
        { "pieces that make no UTF-8 together", 1007, [new Frame(Frame.Text, [0xE2], IsFinal: false).Encode(), new Frame(Frame.Continuation, [0x28, 0xA1]).Encode()] },
        { "a reason that is not UTF-8", 1002, [Frame.OfClose(1000, 0xC3, 0x28).Encode()] },
        { "a message over the limit", 1009, [new Frame(Frame.Text, new byte[(256 * 1024) + 1]).Encode()] },
        { "pieces over the limit together", 1009, [new Frame(Frame.Text, new byte[200 * 1024], IsFinal: false).Encode(), new Frame(Frame.Continuation, new byte[100 * 1024]).Encode()] },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task What_is_forbidden_fails_the_connection(string what, int code, byte[][] frames)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        foreach (var frame in frames) await wire.SendAsync(frame, Stop);
        var closed = await wire.CloseCodeAsync(Stop);
        Assert.True(closed == code, $"{what}: closed with {closed?.ToString() ?? "nothing"}, not {code}.");
        Assert.Null(await wire.ReadAsync(Stop)); // §7.1.1: and the server ends the connection
    }

    // §5.1: that the connection ends is a must; a close frame before it is not.
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_frame_without_a_mask_ends_the_connection(int atOnce)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        await wire.SendAsync(Frame.OfText(new string('x', 300)), Stop); // taken, whatever it says, and not confused with a head
        await wire.SendAsync(Frame.OfText(Ping), Stop);
        Assert.Equal("error", RawSocket.TypeOf(JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload)));
        Assert.Equal("pong", RawSocket.TypeOf(JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload)));
        foreach (var part in new Frame(Frame.Text, Encoding.UTF8.GetBytes(Ping), IsMasked: false).Encode()[..2].Chunk(atOnce)) await wire.SendAsync(part, Stop);
        Assert.Null(await wire.ReadAsync(Stop));
    }

    // §7.4.1, §7.4.2
    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1003)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task A_close_is_answered_with_a_close_and_the_end_of_the_connection(int code)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        await wire.SendAsync(Frame.OfClose(code, "bye"u8.ToArray()), Stop);
        Assert.Equal(1000, await wire.CloseCodeAsync(Stop));
        Assert.Null(await wire.ReadAsync(Stop));
    }

    [Fact]
    public async Task A_close_without_a_code_is_answered_too()
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        await wire.SendAsync(new Frame(Frame.Close, []), Stop);
        Assert.NotNull(await wire.CloseCodeAsync(Stop));
        Assert.Null(await wire.ReadAsync(Stop));
    }

    // §5.5.2, §5.5.3
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public async Task A_ping_is_answered_with_its_own_bytes(int length)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        var bytes = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        await wire.SendAsync(new Frame(Frame.Pong, [1, 2, 3]), Stop); // nobody asked; nobody minds
        await wire.SendAsync(new Frame(Frame.Ping, bytes), Stop);
        var pong = await wire.ReadAsync(Stop);
        Assert.Equal((Frame.Pong, Convert.ToHexString(bytes)), (pong!.Value.Opcode, Convert.ToHexString(pong.Value.Payload)));
    }

    // §5.4: pieces of any size, cut inside characters too, with pings between them.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task A_message_in_pieces_is_one_message_and_a_ping_between_them_does_not_wait(int size)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        var pieces = Encoding.UTF8.GetBytes(Ping).Chunk(size).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            await wire.SendAsync(new Frame(i == 0 ? Frame.Text : Frame.Continuation, pieces[i], IsFinal: i == pieces.Count - 1), Stop);
            if (i == pieces.Count - 1) break;
            await wire.SendAsync(new Frame(Frame.Ping, [(byte)i]), Stop);
            Assert.Equal((Frame.Pong, (byte)i), ((await wire.ReadAsync(Stop))!.Value is var pong ? (pong.Opcode, pong.Payload[0]) : default));
        }

        Assert.Equal("é€😀", JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload).GetProperty("t").GetString());
    }

    // §5.2: all three forms of a length; and bytes that arrive one by one.
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task A_message_of_any_length_within_the_limit_is_taken(int length)
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        await wire.SendAsync(Frame.OfText($$"""{"type":"ping","t":"{{new string('x', length)}}"}"""), Stop);
        Assert.Equal(length, JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload).GetProperty("t").GetString()!.Length);
    }

    [Fact]
    public async Task Bytes_that_arrive_one_by_one_make_the_same_frames()
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        foreach (var one in Frame.OfText(Ping).Encode()) await wire.SendAsync(new[] { one }, Stop);
        Assert.Equal("pong", RawSocket.TypeOf(JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload)));
    }

    // §5.6: this protocol is text; bytes are answered with an error of its own, and the connection stays.
    [Fact]
    public async Task Binary_messages_and_empty_ones_are_errors_of_the_protocol_and_not_of_the_framing()
    {
        using var wire = await WireSocket.OpenAsync(platform.WebSocket, one.User.AccessToken, Stop);
        foreach (var frame in (Frame[])[new(Frame.Binary, [0xFF, 0x00]), new(Frame.Binary, []), new(Frame.Text, [])])
        {
            await wire.SendAsync(frame, Stop);
            Assert.Equal("invalid_json", JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload).GetProperty("code").GetString());
        }

        await wire.SendAsync(Frame.OfText(Ping), Stop);
        Assert.Equal("pong", RawSocket.TypeOf(JsonElement.Parse((await wire.ReadAsync(Stop))!.Value.Payload)));
    }
}
