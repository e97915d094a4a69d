using System.Security.Cryptography;
using System.Text;

namespace Throughline.Backend.Runs;

/// <summary>UUIDv7s that come out the same each time: the time is the run's, the rest is hashed from run and name.</summary>
internal static class StableId
{
    public static Guid Of(Guid userId, string runId, DateTimeOffset at, string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{userId:D}\n{runId}\n{name}"), hash);
        var id = hash[..16];
        var milliseconds = at.ToUnixTimeMilliseconds();
        for (var i = 0; i < 6; i++) id[i] = (byte)(milliseconds >> (8 * (5 - i)));
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
