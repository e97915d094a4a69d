namespace Throughline.Backend.Limits;

/// <summary>What a limit said.</summary>
/// <param name="Used">Charges in the window; with this one, if it was allowed.</param>
/// <param name="RetryAfter">When the next charge leaves the window, so that one more fits; zero where none is in it.</param>
internal sealed record Charge(bool IsAllowed, int Quota, long Used, TimeSpan RetryAfter)
{
    public long Remaining => Math.Max(0, Quota - Used);

    /// <summary>Whole seconds, never too early.</summary>
    public int RetryAfterSeconds => (int)Math.Ceiling(RetryAfter.TotalSeconds);
}
