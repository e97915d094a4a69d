namespace Throughline.Testing.Chaos;

/// <summary>How bytes travel, in both directions.</summary>
/// <param name="Delay">How late each piece arrives.</param>
/// <param name="Slice">The longest piece that travels at once, bytes.</param>
/// <param name="BytesPerSecond">How fast; 0 is as fast as it goes.</param>
/// <param name="CutAfter">Bytes of a direction after which the connection ends, in the middle of whatever it is; counted from when the weather began.</param>
/// <param name="IsReset">Whether a cut is a reset instead of an end.</param>
/// <param name="IsSilent">Nothing passes, and nobody is told: both ends hold the connection for open.</param>
public sealed record Weather(
    TimeSpan Delay = default, int Slice = 64 * 1024, int BytesPerSecond = 0, long? CutAfter = null, bool IsReset = false, bool IsSilent = false)
{
    public static Weather Fair { get; } = new();
}

/// <summary>Sees what passes a <see cref="ChaosProxy"/>.</summary>
public abstract class Tap
{
    /// <summary>Called with each piece before it goes on, in order within a direction; it goes on when the task is done.</summary>
    /// <returns>False ends the connection instead.</returns>
    public abstract ValueTask<bool> PassAsync(int connection, bool toTarget, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
