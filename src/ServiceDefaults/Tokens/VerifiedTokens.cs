using System.Collections.Concurrent;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Tokens whose signature and claims were found good, by their exact characters, until they expire. Only good tokens enter, so
/// nobody can fill it with forgeries; at its bound the expired ones go, and if none are, all do.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int MaxEntries = 8192;
    private readonly ConcurrentDictionary<string, VerifiedToken> _entries = new(StringComparer.Ordinal);
    private int _count; // ConcurrentDictionary.Count takes every lock

    public VerifiedToken? Find(string token, string audience) =>
        _entries.TryGetValue(token, out var entry) && entry.Audience == audience ? entry : null;

    public void Add(string token, VerifiedToken entry, DateTimeOffset now)
    {
        if (Volatile.Read(ref _count) >= MaxEntries) Prune(now);
        if (_entries.TryAdd(token, entry)) Interlocked.Increment(ref _count);
        else _entries[token] = entry; // its key was replaced by another of the same id
    }

    private void Prune(DateTimeOffset now)
    {
        foreach (var (token, entry) in _entries)
            if (entry.Verdict.Token!.ExpiresAt <= now) _entries.TryRemove(token, out _);
        if (_entries.Count >= MaxEntries) _entries.Clear();
        Volatile.Write(ref _count, _entries.Count);
    }
}

/// <param name="Key">The key that verified it; the entry is void once another set of keys lacks it.</param>
internal sealed record VerifiedToken(VerificationKey Key, string Audience, TokenVerdict Verdict);
