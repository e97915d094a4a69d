namespace Throughline.ServiceDefaults;

/// <summary>
/// How often a token with an unknown key may make its verifier look for new keys: a few times at once, so that the first token of a key
/// that came without notice is let in, and once a second in the long run, so that forged key ids cost nothing.
/// </summary>
public sealed class RefreshAllowance(TimeProvider time)
{
    private const int AtOnce = 5;
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _usedUp = time.GetTimestamp() - TicksOf(time, AtOnce);

    public bool TryUse()
    {
        lock (_gate)
        {
            // One more moves the mark by its share; it may not move past now, nor lie back further than the burst.
            var now = time.GetTimestamp();
            var next = Math.Max(_usedUp, now - TicksOf(time, AtOnce)) + TicksOf(time, 1);
            if (next > now) return false;
            _usedUp = next;
            return true;
        }
    }

    private static long TicksOf(TimeProvider time, int shares) => (long)(shares * Each.TotalSeconds * time.TimestampFrequency);
}
