namespace Throughline.Backend.Threads;

/// <summary>A thread's title: its owner's, else the first words of its first question.</summary>
internal static class ThreadTitle
{
    public const int MaxLength = 200;

    private const int Words = 80;

    public static string Of(string question)
    {
        var line = string.Join(' ', question.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= Words) return line;
        var end = line.LastIndexOf(' ', Words);
        return string.Concat(line.AsSpan(0, end > Words / 2 ? end : Words), "…");
    }
}
