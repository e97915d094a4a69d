using System.Globalization;
using System.Text.Json;

namespace Throughline.Verify.Checks;

/// <summary>Asks a second way for what comes over the socket: the thread's log, over HTTP.</summary>
internal static class WrittenLog
{
    /// <summary>Where the log itself has no such events.</summary>
    public const string LogIs = "the log of its thread, read over HTTP, is ";

    private const int Page = 1000;
    private static readonly TimeSpan AskedWithin = TimeSpan.FromSeconds(2);

    /// <summary>What is written may still be on its way: no machine is so busy that it takes longer.</summary>
    private static readonly TimeSpan ComesWithin = TimeSpan.FromSeconds(3);

    /// <summary>Requires each event of a thread up to its head.</summary>
    /// <exception cref="Refutation">Some are not there; noted as evidence.</exception>
    public static async Task RequireWholeAsync(Member owner, string threadId, CancellationToken cancellationToken)
    {
        var (head, _, hole) = await ReadAsync(owner, threadId, 0, cancellationToken);
        if (hole.Missing.Count > 0) throw new Refutation(LogIs + Note(0, head, hole));
    }

    /// <returns>What the log says of a run whose end did not come; a hole in it, and events that are there and were not sent, are noted as evidence. Empty where it cannot be asked.</returns>
    public static async Task<string> TellAsync(ProbeSocket socket, string runId)
    {
        var acknowledged = socket.Frames.FirstOrDefault(f => ProbeSocket.TypeOf(f) == "ack" && f.FindText("runId") == runId);
        if (socket.Owner is not { } owner || acknowledged.ValueKind != JsonValueKind.Object) return "";
        try
        {
            using var limit = new CancellationTokenSource(AskedWithin);
            return await TellAsync(socket, owner, runId, acknowledged.Text("threadId"), acknowledged.Number("seq"), limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or Refutation)
        {
            return $"; the log of its thread could not be read: {e.Message}";
        }
    }

    private static async Task<string> TellAsync(ProbeSocket socket, Member owner, string runId, string threadId, long after, CancellationToken cancellationToken)
    {
        var (head, written, hole) = await ReadAsync(owner, threadId, after, cancellationToken);
        if (hole.Missing.Count > 0) return "; " + LogIs + Note(after, head, hole);

        var end = written.FirstOrDefault(e => Asking.IsEndOf(e, runId));
        if (end.ValueKind != JsonValueKind.Object) return string.Create(CultureInfo.InvariantCulture, $"; by the log of its thread it stands at event {head}");
        using var comes = new CancellationTokenSource(ComesWithin);
        Task coming = socket.UntilAsync("the end", f => ProbeSocket.TypeOf(f) == "event" && Asking.IsEndOf(f, runId), comes.Token);
        await coming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var unsent = SequenceGap.Of(after, [.. socket.EventsOf(threadId).Select(e => e.Number("seq")).Where(seq => seq > after).Distinct()], end.Number("seq"));
        return unsent.Missing.Count > 0 ? $"; the log of its thread has it, and what came is {Note(after, end.Number("seq"), unsent)}" : "; it came later";
    }

    /// <returns>The last seq that is due, at most a page away; what is there; and what of it is not.</returns>
    private static async Task<(long Head, List<JsonElement> Written, SequenceGap Hole)> ReadAsync(Member owner, string threadId, long after, CancellationToken cancellationToken)
    {
        var path = $"/api/threads/{Uri.EscapeDataString(threadId)}";
        var head = Math.Min((await owner.GetAsync(path, cancellationToken)).Expect(200).Json.Number("head"), after + Page);
        var written = (await owner.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/events?after={after}&limit={Page}"), cancellationToken)).Expect(200).Json.Items().ToList();
        return (head, written, SequenceGap.Of(after, [.. written.Select(e => e.Number("seq"))], head));
    }

    private static string Note(long after, long head, SequenceGap gap)
    {
        if (Probe.Current is { } probe) probe.Add(new Comparison(probe.Now, Asking.SequenceNumbers, $"{after + 1} to {head}", gap.ToString()));
        return gap.ToString();
    }
}
