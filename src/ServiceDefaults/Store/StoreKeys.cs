using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Every key and every channel of the key-value store, in one place: so no two things share a name by chance, and what belongs to a user
/// cannot be asked for without saying whose it is. Elsewhere the compiler refuses to make one of a string (BannedSymbols.txt).
/// </summary>
public static class StoreKeys
{
    /// <summary>A ticket for a socket. Named by its SHA-256, so whoever reads the store cannot use what is in it.</summary>
    public static RedisKey Ticket(ReadOnlySpan<byte> hash) => Key("ticket", Convert.ToHexStringLower(hash));

    /// <summary>What a subject has used under one policy of limits.</summary>
    public static RedisKey Limit(string policy, LimitSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return Key("limit", policy, subject.Value);
    }

    /// <summary>What a service writes to see whether the store takes writes.</summary>
    public static RedisKey Probe(Guid instance) => Key("probe", instance.ToString("N"));

#pragma warning disable RS0030 // this is the place
    /// <summary>Where auth calls out that something has changed (<see cref="Doorbell"/>).</summary>
    public static RedisChannel Changes { get; } = RedisChannel.Literal("changes");

    /// <summary>Where backend nodes call out that threads have become longer.</summary>
    public static RedisChannel Appends { get; } = RedisChannel.Literal("appends");
#pragma warning restore RS0030

    /// <summary>What a caller sent never becomes a part as it is; ids and hashes do. A colon would let one key pass for another.</summary>
    private static RedisKey Key(params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
            if (part.Length == 0 || !part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-'))
                throw new ArgumentException($"'{part}' is no part of a key.", nameof(parts));
#pragma warning disable RS0030 // this is the place
        return new(string.Join(':', parts));
#pragma warning restore RS0030
    }
}
