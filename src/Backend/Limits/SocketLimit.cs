using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>How often connections may be opened. How many may be open at once is the gateway's to say.</summary>
internal sealed class SocketLimit(Limiter limiter, Policies policies)
{
    /// <param name="token">Null where none was brought that is accepted: the address counts all the same.</param>
    public Task<LimitVerdict> ChargeAsync(HttpContext context, AccessToken? token)
    {
        var charges = new List<LimitCharge>
        {
            new(policies.SocketsOfAddress, LimitSubject.OfAddress(context.Connection.RemoteIpAddress)), new(policies.Service, LimitSubject.Everyone),
        };
        if (token is not null) charges.Insert(0, new(policies.Sockets, LimitSubject.OfUser(token.UserId)));
        return limiter.TryChargeAsync(charges, "", context.RequestAborted);
    }
}
