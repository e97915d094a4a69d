using System.Globalization;
using Xunit;

namespace Throughline.Testing;

/// <summary>How much the long suites do, and from which seed: small by default, whole with <c>THROUGHLINE_FULL=1</c>.</summary>
public static class SuiteSize
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("THROUGHLINE_FULL") is "1" or "true";

    /// <summary>From <c>THROUGHLINE_SEED</c>, else drawn; a suite prints it, so that a failure can be repeated.</summary>
    public static int Seed { get; } =
        Environment.GetEnvironmentVariable("THROUGHLINE_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next();

    public static T Of<T>(T usual, T full) => IsFull ? full : usual;

    /// <summary>Leaves the test to whole runs, where something smaller stands for it in all others.</summary>
    public static void RequireFull() => Assert.SkipUnless(IsFull, "Runs with THROUGHLINE_FULL=1.");

    /// <summary>How many forgeries a suite makes: <c>THROUGHLINE_FORGERIES</c>, where it is set.</summary>
    public static int Forgeries(int usual, int full) =>
        Environment.GetEnvironmentVariable("THROUGHLINE_FORGERIES") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : Of(usual, full);
}
