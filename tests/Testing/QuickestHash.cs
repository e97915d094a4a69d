namespace Throughline.Testing;

/// <summary>The quickest password hash that auth allows: the suites sign thousands up, and nobody's password has to last.</summary>
public static class QuickestHash
{
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Accounts__HashMemory"] = "7", ["Accounts__HashPasses"] = "5" };
}
