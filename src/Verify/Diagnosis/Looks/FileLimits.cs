using System.Globalization;

namespace Throughline.Verify.Looks;

/// <summary>How many files a process may have open, as Linux tells it in <c>/proc</c>.</summary>
internal static class FileLimits
{
    private const string Name = "Max open files";

    /// <returns>The limit, and to what the process's owner may raise it; null where it cannot be told.</returns>
    /// <remarks><c>Max open files            1024                 524288               files</c></remarks>
    public static (int? Soft, int? Hard) Of(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/limits").FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
            return line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, var hard, ..] ? (Number(soft), Number(hard)) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
