namespace Throughline.Backend.Limits;

/// <summary>One user's charges of the last window, as this node knows them.</summary>
internal sealed class ChargeLog
{
    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset At, string Name)> _charges = [];

    /// <param name="name">Empty: only looks.</param>
    /// <param name="isNew">Whether the charge was added, and not there before.</param>
    public Charge Take(DateTimeOffset now, TimeSpan window, int quota, string name, out bool isNew)
    {
        lock (_gate)
        {
            _charges.RemoveAll(c => c.At <= now - window);
            var isKnown = name.Length == 0 || _charges.Exists(c => c.Name == name);
            var isAllowed = isKnown || _charges.Count < quota;
            isNew = isAllowed && !isKnown;
            if (isNew) _charges.Add((now, name));
            return new Charge(isAllowed, quota, _charges.Count, Until(now, window, quota));
        }
    }

    public void Release(string name)
    {
        lock (_gate) _charges.RemoveAll(c => c.Name == name);
    }

    public bool IsEmptyAt(DateTimeOffset now, TimeSpan window)
    {
        lock (_gate) return _charges.TrueForAll(c => c.At <= now - window);
    }

    // A lowered tier may leave more charges than the quota: then several have to leave before one fits.
    private TimeSpan Until(DateTimeOffset now, TimeSpan window, int quota) =>
        _charges.Count == 0 ? TimeSpan.Zero : _charges[Math.Max(0, _charges.Count - quota)].At + window - now;
}
