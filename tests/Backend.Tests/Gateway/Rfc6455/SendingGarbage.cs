using System.Globalization;
using Throughline.Client.Connection;
using Throughline.Client.Runs;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway.Rfc6455;

/// <summary>Somebody sends frames with bytes that chance has changed, as fast as they are taken, while somebody else asks.</summary>
public sealed class SendingGarbage(GarbageServices services) : IClassFixture<GarbageServices>
{
    private static readonly int Frames = SuiteSize.Of(4_000, 100_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly string[] Genuine =
    [
        """{"type":"ping","t":1}""",
        """{"type":"ping","id":"a","t":"é€😀"}""",
        """{"type":"thread.subscribe","id":"b","threadId":"none","after":0}""",
        """{"type":"thread.unsubscribe","id":"c","threadId":"none"}""",
        """{"type":"run.cancel","id":"d","runId":"none"}""",
        """{"type":"run.resume","id":"e","threadId":"none","resume":[{"interruptId":"i","status":"resolved"}]}""",
        """{"type":"run.start","id":"f","input":{"threadId":"t","runId":"r","messages":[{"id":"m","role":"user","content":""}]}}""",
        """{"type":"auth.refresh","id":"g","token":"none"}""",
    ];

    [Fact]
    public async Task The_service_stays_up_and_others_do_not_notice()
    {
        using var vandal = await services.SignUpAsync("vandal", Stop);
        using var other = await services.SignUpAsync("other", Stop);
        var before = services.Backend.Record.Instance;
        await using var stream = new LiveStream(
            new ThreadConnection(new Uri(services.Backend.Record.WsUrl!), new FixedToken(other.AccessToken)), "undisturbed", new Question("What can you do?") { ThreadId = "undisturbed" });
        stream.Begin(TimeSpan.Zero, TimeSpan.FromSeconds(0.5), Stop);
        await stream.AnsweredAsync(1, Stop);

        var random = new Random(SuiteSize.Seed);
        var connections = 0;
        for (var sent = 0; sent < Frames; connections++) sent += await VandalizeAsync(vandal, random, Frames - sent);

        await stream.AnsweredAsync(stream.Answered + 2, Stop);
        await stream.EndAsync();
        stream.AssertWhole();
        Assert.Equal(before, (await Services.ReadinessOfAsync(services.Backend, Stop)).Instance);
        Assert.DoesNotContain("fail:", services.Backend.Program.Transcript, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Frames} changed frames over {connections} connections, seed {SuiteSize.Seed}; meanwhile {stream.Answered} answers for somebody else, longest wait {stream.LongestWait.TotalSeconds:0.00} s"));
    }

    /// <summary>Few on one connection: behind the first that breaks the framing nothing is looked at.</summary>
    private async Task<int> VandalizeAsync(Member vandal, Random random, int most)
    {
        using var wire = await WireSocket.OpenAsync(new Uri(services.Backend.Record.WsUrl!), vandal.AccessToken, Stop);
        var frames = Enumerable.Range(0, Math.Min(most, random.Next(1, 5))).Select(_ => Changed(random)).ToList();
        await wire.SendAsync(frames.SelectMany(frame => frame).ToArray(), Stop);
        return frames.Count;
    }

    private static byte[] Changed(Random random)
    {
        var bytes = Frame.OfText(Genuine[random.Next(Genuine.Length)]).Encode();
        switch (random.Next(4))
        {
            case 0: // in the head, where the framing is
                bytes[random.Next(2)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                for (var i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
            case 2: // the rest of it is taken for the next frame's head
                bytes = bytes[..random.Next(1, bytes.Length)];
                break;
            default:
                random.NextBytes(bytes);
                break;
        }

        return bytes;
    }
}

/// <summary>A backend that counts limits by the second.</summary>
public sealed class GarbageServices : Services
{
    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Limits__Window"] = "00:00:01" });
}
