using System.Text;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Turns bytes into strings, each frequent one once: models, users and features repeat in every row.</summary>
internal sealed class StringPool
{
    private const int Size = 4096; // a power of two: the hash is masked
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly (byte[] Bytes, string Text)[] _entries = new (byte[], string)[Size];

    /// <summary>A string that hardly ever repeats, such as an id: pooled, it would only drive out those that do.</summary>
    /// <returns>Null where the bytes are not UTF-8.</returns>
    public static string? TryMake(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;

    /// <returns>Null where the bytes are not UTF-8.</returns>
    public string? TryGet(ReadOnlySpan<byte> bytes)
    {
        var hash = (uint)bytes.Length;
        foreach (var b in bytes.Length > 64 ? bytes[^64..] : bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        ref var entry = ref _entries[(hash ^ (hash >> 15)) & (Size - 1)];
        if (entry.Bytes is not null && bytes.SequenceEqual(entry.Bytes))
        {
            return entry.Text;
        }

        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return null;
        }

        entry = (bytes.ToArray(), Strict.GetString(bytes));
        return entry.Text;
    }
}
