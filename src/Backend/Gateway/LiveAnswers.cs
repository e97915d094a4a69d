using System.Collections.Concurrent;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Long HTTP answers and uploads: a token's expiry does not cut them, its revocation does.</summary>
internal sealed class LiveAnswers
{
    private readonly ConcurrentDictionary<(AccessToken Token, Guid Id), HttpContext> _answers = new();

    /// <summary>Watches the request until the answer is disposed.</summary>
    public IDisposable Watch(HttpContext context, IRevocations revocations)
    {
        var key = (context.AccessToken(), Guid.NewGuid());
        _answers[key] = context;
        if (revocations.IsRevoked(key.Item1)) context.Abort();
        return new Watched(this, key);
    }

    public void CutRevoked(Guid userId, IRevocations revocations)
    {
        foreach (var (key, context) in _answers)
            if (key.Token.UserId == userId && revocations.IsRevoked(key.Token)) context.Abort();
    }

    private sealed class Watched(LiveAnswers owner, (AccessToken, Guid) key) : IDisposable
    {
        public void Dispose() => owner._answers.TryRemove(key, out _);
    }
}
