using Throughline.Testing;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>Makes one forgery of a kind. The same random source gives the same forgery, but for signatures, which have their own.</summary>
internal delegate string Forge(Mint mint, Random random);

/// <summary>One way to forge a token.</summary>
/// <param name="Row">The row of the attack list in docs/security.md.</param>
/// <param name="NeedsVerifier">No header or no clock of a real service can take it: too long, a line break, an exact second.</param>
/// <param name="Only">One of <see cref="Algorithms"/>, where it is no forgery, or none at all, under the other.</param>
internal sealed record ForgeryKind(int Row, string Name, Forge Make, bool NeedsVerifier = false, string? Only = null)
{
    /// <summary>Longest token that still leaves room for the other headers of a request.</summary>
    private const int MaxHeaderLength = 24_000;

    /// <summary>Whether it can travel as the value of an HTTP header and arrive as it is.</summary>
    public static bool CanTravel(string token) =>
        token.Length is > 0 and <= MaxHeaderLength && token[0] > ' ' && token[^1] > ' ' && token.All(c => c is (>= ' ' and <= '~') or '\t');

    /// <summary>Whether it can travel as the name of a subprotocol (a token of RFC 9110 §5.6.2).</summary>
    public static bool CanBeSubprotocol(string token) => token.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    public override string ToString() => $"{Row,2} {Name}";
}

/// <summary>Every kind there is, by the rows of the attack list.</summary>
internal static class ForgeryKinds
{
    private static readonly ForgeryKind[] All =
    [
        .. Kinds.OtherAlgorithms.All, .. Kinds.EmbeddedKeys.All, .. Kinds.KeyIds.All, .. Kinds.CriticalHeaders.All, .. Kinds.OddJson.All, .. Kinds.Sizes.All,
        .. Kinds.OtherTypes.All, .. Kinds.Times.All, .. Kinds.Parties.All, .. Kinds.Encodings.All, .. Kinds.Signatures.All, .. Kinds.ForeignKeys.All,
    ];

    public static IReadOnlyList<ForgeryKind> ForVerifier(Truth truth) => [.. All.Where(k => k.Only is null || k.Only == truth.Algorithm)];

    public static IReadOnlyList<ForgeryKind> ForServices(Truth truth) => [.. ForVerifier(truth).Where(k => !k.NeedsVerifier)];

    /// <summary>Of the n-th forgery: the same seed makes the same ones, on any number of threads.</summary>
    public static Random RandomOf(int index) => new(unchecked((SuiteSize.Seed * 16777619) ^ (index * 486187739)));

    public static T Of<T>(this Random random, params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
