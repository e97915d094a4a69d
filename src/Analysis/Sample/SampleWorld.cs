namespace Throughline.Analysis.Sample;

/// <summary>The company whose usage the sample shows: its features, teams and people.</summary>
internal static class SampleWorld
{
    /// <param name="Share">Of daytime requests, percent.</param>
    /// <param name="InputTokens">Typical; the prefix comes on top.</param>
    public sealed record Feature(
        string Name, string Team, string Model, string Provider, int Share, int InputTokens, int OutputTokens,
        int PrefixTokens, int CachedPercent, int DuplicatePercent, int MsPerOutputToken);

    public const string AnomalyModel = "claude-opus-4-1";
    public const string AnomalyProvider = "anthropic";
    public const int AnomalyHour = 14;
    public const int AnomalyTraffic = 5; // times the usual: the backlog was run again
    public const int Support = 0, Emails = 3, Nightly = 6;

    public static readonly Feature[] Features =
    [
        new("support-bot", "support", "gpt-4o", "openai", 30, 420, 240, 1640, 12, 3, 11),
        new("code-review", "platform", "claude-sonnet-4-5", "anthropic", 11, 5200, 820, 2100, 85, 0, 14),
        new("doc-search", "knowledge", "gpt-4o-mini", "openai", 24, 1900, 160, 0, 0, 14, 7),
        new("email-drafts", "sales", "gpt-4o-mini", "openai", 15, 700, 320, 0, 0, 1, 7),
        new("rerank", "knowledge", "internal-rerank-v2", "internal", 10, 900, 12, 0, 0, 0, 5),
        new("search-index", "knowledge", "text-embedding-3-small", "openai", 10, 480, 0, 0, 0, 0, 0),
        new("nightly-summaries", "data", "gpt-4.1", "openai", 0, 3100, 410, 0, 0, 0, 10),
    ];

    /// <summary>Load by hour, UTC; at 1 and 2 the nightly job runs.</summary>
    public static readonly int[] HourWeights = [6, 30, 30, 4, 4, 6, 14, 30, 58, 78, 84, 80, 62, 76, 86, 84, 76, 60, 42, 30, 24, 18, 12, 8];

    public static readonly int[] WeekdayWeights = [34, 100, 108, 110, 106, 92, 30]; // Sunday first

    public static readonly string[] Users =
    [
        "ada", "alan", "barbara", "claude", "dennis", "donald", "edsger", "frances", "grace", "hedy", "ivan", "jean", "john",
        "katherine", "ken", "leslie", "linus", "margaret", "niklaus", "radia", "robin", "shafi", "tim", "tony",
    ];
}
