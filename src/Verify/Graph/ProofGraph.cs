using System.Text.Json.Serialization;

namespace Throughline.Verify;

/// <summary>
/// What has to work for a user, what that rests on, what shows it, and which money depends on it: one declared file, from which start
/// order, check order, what is blocked, root cause, money and stop order follow.
/// </summary>
/// <param name="Steps">The critical path, each step after those it needs.</param>
/// <param name="Services">The processes, each after those it needs: start order forwards, stop order backwards.</param>
public sealed record ProofGraph(
    int Version, IReadOnlyList<PathStep> Steps, IReadOnlyList<StackService> Services, IReadOnlyList<DeclaredCheck> Checks, RevenueFile Revenue)
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>What users are promised of messages.</summary>
    public MessageQuotas Messages { get; init => field = value ?? new(); } = new(); // a file need not have it

    /// <summary>The services, each after those it needs.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> StartOrder => TopologicalOrder.Of([.. Services.Select(s => (s.Id, s.Needs))]);

    [JsonIgnore]
    public IReadOnlyList<string> StopOrder => [.. StartOrder.Reverse()];

    public DeclaredCheck CheckOf(string id) => Checks.First(c => c.Id == id);
}

/// <summary>One step on a user's way.</summary>
/// <param name="Covered">Assertions that show it: ids, or a prefix that ends in <c>*</c>.</param>
/// <param name="Gate">Assertions that open the checks which need this step; the first that fails shuts them.</param>
/// <param name="Services">The processes that serve it.</param>
public sealed record PathStep(
    string Id, string Name, IReadOnlyList<string> Needs, IReadOnlyList<string> Covered, IReadOnlyList<string> Gate, IReadOnlyList<string> Services)
{
    public bool IsCoveredBy(string assertion) => Covered.Any(pattern => Matches(pattern, assertion));

    internal static bool Matches(string pattern, string id) =>
        pattern.EndsWith('*') ? id.StartsWith(pattern[..^1], StringComparison.Ordinal) : id == pattern;
}

/// <summary>Messages in each window, by tier, each more than the one before. Whoever changes the limits of the backend says so here, too.</summary>
public sealed record MessageQuotas(int Free = 5, int Early = 50, int Mid = 100, int Enterprise = 200)
{
    /// <summary>A quota that is larger is not tried.</summary>
    public const int Most = 1000;

    /// <summary>The same where it is tried several times over.</summary>
    public const int MostAtOnce = 100;

    [JsonIgnore]
    public IReadOnlyList<int> Ascending => [Free, Early, Mid, Enterprise];
}

public sealed record StackService(string Id, IReadOnlyList<string> Needs);

/// <param name="Number">1 to 10, for <c>--only</c>.</param>
/// <param name="Needs">Steps without which nothing of the check can be judged.</param>
public sealed record DeclaredCheck(int Number, string Id, string Name, IReadOnlyList<string> Needs);

/// <summary>Which money needs which steps. Reviewed by a person, who signs with name and date.</summary>
public sealed record RevenueFile(string Currency, string Owner, DateOnly Reviewed, IReadOnlyList<RevenueLine> Streams)
{
    /// <summary>Older than this it is said to be old.</summary>
    public const int StaleAfterDays = 90;
}

/// <summary>A part of the revenue. Every dollar is in one stream.</summary>
/// <param name="Monthly">Monthly recurring revenue, an exact decimal.</param>
/// <param name="Needs">Steps that must work for it.</param>
public sealed record RevenueLine(string Id, string Name, string Monthly, IReadOnlyList<string> Needs, string Owner);
