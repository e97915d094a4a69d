using System.Net;
using System.Net.Sockets;
using Throughline.Auth.Database;

namespace Throughline.Auth.Sessions;

/// <summary>From where a request comes, as far as it is known. Forwarded addresses are already taken in (see the frontend's proof).</summary>
internal sealed record Device(string? Address, string? UserAgent)
{
    /// <summary>What limits count as one place.</summary>
    public string Network => NetworkOf(Address);

    public static Device Of(HttpContext context)
    {
        var userAgent = StoredText.Fit(context.Request.Headers.UserAgent.ToString(), SessionTable.MaxUserAgentLength);
        var address = context.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        return new(address?.ToString(), userAgent.Length > 0 ? userAgent : null);
    }

    /// <summary>The address itself; of IPv6 its /64, all of whose addresses one household or one rented machine has.</summary>
    public static string NetworkOf(string? address)
    {
        if (!IPAddress.TryParse(address, out var ip) || ip.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(ip)) return address ?? "";
        var bytes = ip.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
