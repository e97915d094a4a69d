namespace Throughline.Testing;

public static class Statistics
{
    /// <summary>The smallest sample that at least <paramref name="percent"/> of all do not exceed (nearest rank).</summary>
    public static double Percentile(IEnumerable<double> samples, double percent)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length == 0
            ? throw new ArgumentException("There are no samples.", nameof(samples))
            : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Welch's t of two samples: how far apart their means are, in standard errors.</summary>
    /// <remarks>B. L. Welch, The generalization of "Student's" problem when several different population variances are involved,
    /// Biometrika 34 (1947). Below 4.5 a difference in time is taken as not shown, the threshold of test vector leakage assessment.</remarks>
    public static double WelchT(IReadOnlyCollection<double> left, IReadOnlyCollection<double> right)
    {
        var (leftMean, leftVariance) = MomentsOf(left);
        var (rightMean, rightVariance) = MomentsOf(right);
        return (leftMean - rightMean) / Math.Sqrt((leftVariance / left.Count) + (rightVariance / right.Count));
    }

    private static (double Mean, double Variance) MomentsOf(IReadOnlyCollection<double> samples)
    {
        var mean = samples.Average();
        return (mean, samples.Sum(x => (x - mean) * (x - mean)) / (samples.Count - 1));
    }
}
