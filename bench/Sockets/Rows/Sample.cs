namespace Throughline.Bench.Sockets.Rows;

/// <summary>One server in one round.</summary>
/// <param name="Value">What the row is about.</param>
/// <param name="Rate">Events or connections a second, wall time.</param>
/// <param name="ServerCpu">Seconds, of all the server's processes.</param>
/// <param name="ClientCpu">Seconds, of the load client meanwhile.</param>
internal sealed record Sample(double Value, double Rate, double ServerCpu, double ClientCpu);

/// <summary>One server in all rounds.</summary>
/// <param name="ClientCeiling">What the load client takes a second from a server that does nothing; null where that says nothing.</param>
/// <param name="Note">What else there is to say of it.</param>
internal sealed record Series(string Server, IReadOnlyList<Sample> Samples, double? ClientCeiling, string Note = "")
{
    /// <summary>Where the client is as busy as this, it may be what limits the rate.</summary>
    private const double Near = 0.7;

    public double Median => MedianOf(s => s.Value);

    public double Least => Samples.Min(s => s.Value);

    public double Most => Samples.Max(s => s.Value);

    public bool IsClientNearItsCeiling => MedianOf(s => s.Rate) > Near * ClientCeiling;

    public double MedianOf(Func<Sample, double> of) => Middle(Samples.Select(of));

    /// <summary>This one's value for each of the other's: round by round, and of these the median.</summary>
    public double RatioTo(Series other) => Middle(Samples.Zip(other.Samples, (own, theirs) => own.Value / theirs.Value));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <param name="Text">What is wanted, with what came.</param>
internal sealed record Goal(string Text, double Result, bool IsMet)
{
    public static Goal AtLeast(string what, double least, double result) => new($"{what} ≥ {Figures.Of(least)}", result, result >= least);

    public static Goal AtMost(string what, double most, double result) => new($"{what} ≤ {Figures.Of(most)}", result, result <= most);
}

/// <param name="Unit">Of the values.</param>
/// <param name="RateUnit">Of the rates; what the client's ceiling is in, too.</param>
internal sealed record RowResult(string Title, string Unit, string RateUnit, IReadOnlyList<Series> Servers, IReadOnlyList<Goal> Goals);
