using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The access token that an API key stands for, so that from here on a key is verified, revoked and counted like any sign-in. Good answers
/// are kept, by the key's hash, until shortly before the token ends; while auth is away, until it ends.
/// </summary>
/// <remarks>
/// Wrong keys cost little: a malformed one is refused here, the same one again is refused from memory for a moment, and of different ones
/// no more than <see cref="AtOnce"/> are asked about at the same time. Good keys have a memory of their own, which wrong ones cannot push out.
/// </remarks>
public sealed class ApiKeyExchange(IApiKeyIssuer issuer, TimeProvider time) : IDisposable
{
    private const int MaxGood = 8192;
    private const int MaxRefused = 1024;
    private const int AtOnce = 8;
    private const int Waiting = 64;

    /// <summary>As long before its end as an open socket is told that its token ends: whoever renews it then gets a new one.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(2);
    private static readonly ExchangedApiKey Malformed = new(Refusal: Refusals.Malformed);
    private static readonly ExchangedApiKey Unavailable = new(Refusal: Refusals.Unavailable);

    private readonly ConcurrentDictionary<string, Known> _good = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Known> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<ExchangedApiKey>>> _asking = new(StringComparer.Ordinal);
    private readonly ConcurrencyLimiter _lanes = new(new() { PermitLimit = AtOnce, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    public ValueTask<ExchangedApiKey> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.IsWellFormed(key)) return new(Malformed);
        var (hash, now) = (NameOf(key), time.GetUtcNow());
        if (_good.TryGetValue(hash, out var good) && now < good.AskAgainAt) return new(good.Answer);
        if (_refused.TryGetValue(hash, out var refused) && now < refused.AskAgainAt) return new(refused.Answer);
        return AskAsync(hash, key, good, cancellationToken);
    }

    /// <summary>Asks anew at the key's next use: its token was refused, so what is known of it is out of date.</summary>
    public void Forget(string key) => _good.TryRemove(NameOf(key), out _);

    public void Dispose() => _lanes.Dispose();

    private async ValueTask<ExchangedApiKey> AskAsync(string hash, string key, Known? known, CancellationToken cancellationToken)
    {
        // One question a key, shared by all who wait for its answer: so it is not for one of them to cancel it.
        var asking = _asking.GetOrAdd(hash, _ => new(() => AskOnceAsync(hash, key)));
        var answer = await asking.Value.WaitAsync(cancellationToken);
        return answer.Refusal == Refusals.Unavailable && known is not null && time.GetUtcNow() < known.EndsAt ? known.Answer : answer;
    }

    private async Task<ExchangedApiKey> AskOnceAsync(string hash, string key)
    {
        try
        {
            using var lane = await _lanes.AcquireAsync(1, CancellationToken.None);
            if (!lane.IsAcquired) return Unavailable;
            var answer = await issuer.ExchangeAsync(key, CancellationToken.None);
            Keep(hash, answer);
            return answer;
        }
        finally
        {
            _asking.TryRemove(hash, out _);
        }
    }

    private void Keep(string hash, ExchangedApiKey answer)
    {
        var now = time.GetUtcNow();
        if (answer is { AccessToken: not null, ExpiresIn: { } seconds })
        {
            var lifetime = TimeSpan.FromSeconds(seconds);
            var margin = RenewBefore < lifetime / 2 ? RenewBefore : lifetime / 2;
            Add(_good, MaxGood, hash, new(answer, now + lifetime - margin, now + lifetime), now);
        }
        else if (answer.Refusal != Refusals.Unavailable)
        {
            _good.TryRemove(hash, out _);
            Add(_refused, MaxRefused, hash, new(answer, now + RefusedFor, now + RefusedFor), now);
        }
    }

    /// <summary>At its bound, what is over goes; if nothing is, all does.</summary>
    private static void Add(ConcurrentDictionary<string, Known> entries, int most, string hash, Known known, DateTimeOffset now)
    {
        if (entries.Count >= most)
        {
            foreach (var (old, entry) in entries)
                if (entry.EndsAt <= now) entries.TryRemove(old, out _);
            if (entries.Count >= most) entries.Clear();
        }
        entries[hash] = known;
    }

    private static string NameOf(string key) => Convert.ToHexStringLower(ApiKeyText.HashOf(key));

    private sealed record Known(ExchangedApiKey Answer, DateTimeOffset AskAgainAt, DateTimeOffset EndsAt);
}
