using System.Net;

namespace Throughline.Web.Devices;

/// <summary>Where an address is, as far as an address alone can tell. Nobody is asked about it: it stays on this server.</summary>
internal static class Place
{
    private static readonly IPNetwork[] Local =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    /// <returns><c>127.0.0.1, this machine</c>; <c>192.168.1.34, local network</c>; <c>203.0.113.9</c>; <c>unknown place</c>.</returns>
    public static string Of(string? address)
    {
        if (!IPAddress.TryParse(address, out var ip))
            return "unknown place";
        if (ip.IsIPv4MappedToIPv6)
            ip = ip.MapToIPv4();
        if (IPAddress.IsLoopback(ip))
            return $"{ip}, this machine";
        return Local.Any(network => network.BaseAddress.AddressFamily == ip.AddressFamily && network.Contains(ip)) ? $"{ip}, local network" : ip.ToString();
    }
}
