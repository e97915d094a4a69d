namespace Throughline.Auth.Accounts;

/// <summary>What an account may be (protocol §2).</summary>
internal static class Standing
{
    public const string AdminRole = "admin";

    public static IReadOnlyList<string> Tiers { get; } = ["free", "early", "mid", "enterprise"];

    public static IReadOnlyList<string> Roles { get; } = ["user", AdminRole];
}
