namespace Throughline.Auth.Sessions;

/// <summary>From where a request comes, as far as it is known. Forwarded addresses are already taken in (see the frontend's proof).</summary>
internal sealed record Device(string? Address, string? UserAgent)
{
    public static Device Of(HttpContext context)
    {
        var userAgent = context.Request.Headers.UserAgent.ToString();
        if (userAgent.Length > SessionTable.MaxUserAgentLength) userAgent = userAgent[..SessionTable.MaxUserAgentLength];
        var address = context.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        return new(address?.ToString(), userAgent.Length > 0 ? userAgent : null);
    }
}
