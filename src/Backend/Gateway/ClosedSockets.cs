using System.Collections.Concurrent;

namespace Throughline.Backend.Gateway;

/// <summary>How many sockets of a deleted user this node has closed, until the erasure's report takes the number.</summary>
internal sealed class ClosedSockets
{
    private readonly ConcurrentDictionary<Guid, int> _byUser = new();

    public void Add(Guid userId, int count) => _byUser.AddOrUpdate(userId, count, (_, before) => before + count);

    public int Take(Guid userId) => _byUser.TryRemove(userId, out var count) ? count : 0;
}
