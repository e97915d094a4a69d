namespace Throughline.Client.Connection;

/// <summary>Exponential back-off with full jitter.</summary>
/// <remarks>Source: <see href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"/>.</remarks>
internal static class Backoff
{
    /// <param name="attempt">1 for the first attempt after a connection was lost.</param>
    public static TimeSpan Bound(ThreadConnectionOptions options, int attempt)
    {
        var bound = options.FirstBackoff * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return bound < options.LongestBackoff ? bound : options.LongestBackoff;
    }

    public static TimeSpan Wait(ThreadConnectionOptions options, int attempt) =>
        Bound(options, attempt) * Random.Shared.NextDouble();
}
