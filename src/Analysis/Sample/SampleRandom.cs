namespace Throughline.Analysis.Sample;

/// <summary>SplitMix64. Whole numbers only: floating-point functions differ between machines, bytes must not.</summary>
internal struct SampleRandom(long seed)
{
    private ulong _state = (ulong)seed * 0x9E3779B97F4A7C15 + 0x1234567;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    public bool Percent(int percent) => Below(100) < percent;

    /// <summary>Around a typical size, skewed to the right as real prompts are: a quarter to eight times of it.</summary>
    public int Around(int typical)
    {
        var skew = 64 + Below(128) + Below(128);            // a triangle about 191
        var tail = Below(16) == 0 ? 2 + Below(3) : 1;       // one in sixteen is long
        return Math.Max(1, (int)((long)typical * skew * tail / 191));
    }
}
