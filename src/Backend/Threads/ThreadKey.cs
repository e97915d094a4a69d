namespace Throughline.Backend.Threads;

/// <summary>A thread's name: its owner's id comes from verified claims, so another user's thread cannot be named at all.</summary>
/// <param name="ThreadId">The client's own, 1 to 128 characters.</param>
internal readonly record struct ThreadKey(Guid UserId, string ThreadId)
{
    public const int MaxIdLength = 128;

    private const int UserLength = 36;

    /// <summary>As a grain key.</summary>
    public override string ToString() => $"{UserId:D}/{ThreadId}";

    public static ThreadKey Parse(string grainKey) =>
        new(Guid.ParseExact(grainKey.AsSpan(0, UserLength), "D"), grainKey[(UserLength + 1)..]);
}
