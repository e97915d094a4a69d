using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>
/// What ties the audit log's entries together: each hash is an HMAC over the one before it and the entry, under a key that is not in
/// the database. Whoever changes, removes or adds an entry there breaks the chain from that entry on.
/// </summary>
public static class AuditChain
{
    /// <summary>Derives the chain's key from the master key (<c>keys/auth.key</c>).</summary>
    public const string KeyPurpose = "audit chain";

    /// <summary>What the first entry follows.</summary>
    public static ReadOnlySpan<byte> Genesis => new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>The hash of an entry, 32 bytes; its own member <see cref="AuditRecord.Hash"/> does not count.</summary>
    /// <param name="previous">The hash of the entry before it.</param>
    public static byte[] HashOf(AuditRecord entry, ReadOnlySpan<byte> previous, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var bytes = new ArrayBufferWriter<byte>(512);
        bytes.Write(previous);
        using (var json = new Utf8JsonWriter(bytes))
        {
            // An array, so that no text can pass for the boundary between two members.
            json.WriteStartArray();
            json.WriteNumberValue(entry.Seq);
            json.WriteNumberValue(entry.At.ToUnixTimeMilliseconds());
            foreach (var text in (ReadOnlySpan<string?>)[
                entry.Event, entry.Outcome, entry.UserId?.ToString(), entry.ActorId?.ToString(), entry.SessionId?.ToString(),
                entry.Address, entry.UserAgent, entry.Detail, entry.TraceId])
                json.WriteStringValue(text);
            json.WriteEndArray();
        }
        return HMACSHA256.HashData(key, bytes.WrittenSpan);
    }
}
