using Throughline.Web.Devices;

namespace Throughline.Web.Tests.Devices;

public sealed class SayingWhereADeviceIs
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1, this machine")]
    [InlineData("::1", "::1, this machine")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1, this machine")]
    [InlineData("192.168.1.34", "192.168.1.34, local network")]
    [InlineData("172.31.255.1", "172.31.255.1, local network")]
    [InlineData("172.32.0.1", "172.32.0.1")]
    [InlineData("fd12::9", "fd12::9, local network")]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("not an address", "unknown place")]
    [InlineData(null, "unknown place")]
    public void The_address_is_kept_and_what_it_tells_is_added(string? address, string words) => Assert.Equal(words, Place.Of(address));
}
