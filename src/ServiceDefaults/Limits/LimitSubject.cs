using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.ServiceDefaults;

/// <summary>Who is limited, as a part of a store key: an id, or a hash, so that nothing a caller sent becomes a key as it is.</summary>
public sealed record LimitSubject
{
    private LimitSubject(string value) => Value = value;

    public static LimitSubject Everyone { get; } = new("all");

    internal string Value { get; }

    public static LimitSubject OfUser(Guid userId) => new(userId.ToString("N"));

    /// <summary>An address; of IPv6 its /64, all of whose addresses one household or one rented machine has.</summary>
    public static LimitSubject OfAddress(IPAddress? address)
    {
        if (address is null) return Hashed("");
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6) bytes.AsSpan(8).Clear();
        return new(Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16)));
    }

    public static LimitSubject Hashed(string text) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)));
}
