using System.Text.Json;

namespace Throughline.Backend.Threads;

/// <summary>What all event frames of a thread begin with: <c>{"type":"event","threadId":"…","seq":</c>, encoded once.</summary>
internal sealed class FrameHead(string threadId)
{
    private readonly byte[] _bytes = [.. "{\"type\":\"event\",\"threadId\":\""u8, .. JsonEncodedText.Encode(threadId).EncodedUtf8Bytes, .. "\",\"seq\":"u8];

    /// <summary>Between seq and event.</summary>
    public static ReadOnlySpan<byte> Event => ",\"event\":"u8;

    public ReadOnlySpan<byte> Bytes => _bytes;
}
