using Microsoft.Extensions.Options;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>The node's connections, by user; what holds for all of them: how many, how long, and whether at all.</summary>
internal sealed class ConnectionRegistry(IOptions<GatewayOptions> options, AccessTokenVerifier verifier, TimeProvider time)
{
    /// <summary>How long before its end an access token's expiry is announced.</summary>
    private static readonly TimeSpan Announcement = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<Connection>> _byUser = [];
    private int _count;
    private bool _isDraining;

    public bool IsDraining => Volatile.Read(ref _isDraining);

    public bool IsFull
    {
        get
        {
            lock (_gate) return _count >= options.Value.MaxConnections;
        }
    }

    public int Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>Adds the connection; the user's oldest makes way where there are too many.</summary>
    public void Add(Connection connection)
    {
        Connection? oldest = null;
        lock (_gate)
        {
            if (!_byUser.TryGetValue(connection.Token.UserId, out var own)) _byUser[connection.Token.UserId] = own = [];
            own.Add(connection);
            _count++;
            var open = own.Where(c => c.CloseReason is null).ToList();
            if (open.Count > options.Value.SocketsPerUser) oldest = open[0];
        }

        oldest?.Close(CloseReason.TooManySockets);
        if (IsDraining) Drain(connection);
    }

    public void Remove(Connection connection)
    {
        lock (_gate)
        {
            if (!_byUser.TryGetValue(connection.Token.UserId, out var own) || !own.Remove(connection)) return;
            _count--;
            if (own.Count == 0) _byUser.Remove(connection.Token.UserId);
        }
    }

    /// <summary>Closes the user's connections whose token is no longer accepted.</summary>
    /// <returns>How many of them were open.</returns>
    public int CloseRevoked(Guid userId, IRevocations revocations)
    {
        var closed = 0;
        foreach (var connection in Of(userId).Where(c => revocations.IsRevoked(c.Token)))
        {
            if (connection.CloseReason is null) closed++;
            connection.Close(CloseReason.SessionRevoked);
        }

        return closed;
    }

    /// <summary>Announces expiries, and closes what has expired or whose key auth has dropped.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var connection in All())
        {
            var expires = connection.Token.ExpiresAt;
            if (expires <= now)
            {
                connection.Close(CloseReason.TokenExpired);
            }
            else if (!verifier.HoldsKeyOf(connection.Token))
            {
                connection.Close(CloseReason.InvalidToken(Refusals.UnknownKey));
            }
            else if (expires - now <= Announcement && !connection.IsExpiryAnnounced)
            {
                connection.IsExpiryAnnounced = true;
                connection.Send(new TokenExpiring(expires));
            }
        }
    }

    public void SendToAll(ServerFrame frame)
    {
        foreach (var connection in All()) connection.Send(frame);
    }

    /// <summary>Takes no more, and asks all to come back a little later, each at its own time. Once is enough.</summary>
    public void Drain()
    {
        if (Interlocked.Exchange(ref _isDraining, true)) return;
        foreach (var connection in All()) Drain(connection);
    }

    private static void Drain(Connection connection)
    {
        connection.Send(new Draining(Random.Shared.Next(100, 2000)));
        connection.Close(CloseReason.Restart);
    }

    private List<Connection> All()
    {
        lock (_gate) return [.. _byUser.Values.SelectMany(own => own)];
    }

    private List<Connection> Of(Guid userId)
    {
        lock (_gate) return _byUser.TryGetValue(userId, out var own) ? [.. own] : [];
    }
}
