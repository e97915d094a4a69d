namespace Throughline.Auth.Changes;

/// <summary>Where the feed's readers stand. They come again each 20 s, so those at work have all been seen a little after a start.</summary>
internal sealed class FeedReaders(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, DateTimeOffset> _seen = [];
    private readonly DateTimeOffset _since = time.GetUtcNow();

    public void Seen(long after)
    {
        lock (_gate) _seen[after] = time.GetUtcNow();
    }

    /// <summary>The place of the one that is furthest behind; null where nobody reads, or where it has not been watched for that long.</summary>
    public long? Lowest(TimeSpan within)
    {
        lock (_gate)
        {
            var from = time.GetUtcNow() - within;
            foreach (var (place, _) in _seen.Where(place => place.Value < from).ToList()) _seen.Remove(place);
            return _seen.Count == 0 || _since > from ? null : _seen.Keys.Min();
        }
    }
}
