using Throughline.Verify.Checks.Journey;

namespace Throughline.Verify;

/// <summary>All parts of all checks, like a contents page.</summary>
internal static class CheckList
{
    public static IReadOnlyList<CheckPart> All() =>
    [
        new JourneyCheck(),
    ];
}
