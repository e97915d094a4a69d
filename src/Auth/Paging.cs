using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth;

/// <summary>Lists in pages: <c>?limit=&amp;cursor=</c>. A cursor is the last item's key, so spelled that nobody is tempted to make one up.</summary>
internal static class Paging
{
    public const int Usual = 50;
    private const int Most = 200;

    public delegate bool TryParse<T>([NotNullWhen(true)] string? text, out T value);

    /// <returns>Null where the limit is fine.</returns>
    public static ProblemHttpResult? Check(int limit) => limit is >= 1 and <= Most ? null : Problems.Invalid("limit", $"limit is 1 to {Most}.");

    public static ProblemHttpResult NoCursor() => Problems.Invalid("cursor", "cursor is the last page's next.");

    /// <param name="key">Null where there is no cursor: the first page.</param>
    /// <returns>False where the cursor is none of ours.</returns>
    public static bool TryRead<T>(string? cursor, TryParse<T> parse, out T? key) where T : struct
    {
        key = null;
        if (cursor is null) return true;
        if (cursor.Length > 100 || !Base64Url.IsValid(cursor) || !parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)), out var value)) return false;
        key = value;
        return true;
    }

    /// <param name="found">One more than <paramref name="limit"/>, where there is more.</param>
    public static Page<T> PageOf<T>(List<T> found, int limit, Func<T, string> keyOf) => found.Count > limit
        ? new(found[..limit], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(keyOf(found[limit - 1]))))
        : new(found);
}
