using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Bytes that a user may upload in a day: reserved by what the request says it holds, settled by what came.</summary>
internal sealed class UploadLimit(Limiter limiter, Policies policies)
{
    // Longer than the slowest upload that still gets anywhere; one that outlives it is settled all the same.
    private static readonly TimeSpan Hold = TimeSpan.FromHours(1);

    /// <param name="most">The largest file there may be: what is reserved where the request does not say its length.</param>
    public async Task<Reservation> ReserveAsync(HttpContext context, long most, CancellationToken cancellationToken)
    {
        var bytes = Math.Clamp(context.Request.ContentLength ?? most, 1, most);
        var charge = new LimitCharge(policies.Uploads, LimitSubject.OfUser(context.AccessToken().UserId), bytes) { Hold = Hold };
        var name = Guid.CreateVersion7().ToString("N");
        return new(limiter, charge, name, await limiter.TryChargeAsync([charge], name, cancellationToken));
    }

    internal sealed record Reservation(Limiter Limiter, LimitCharge Charge, string Name, LimitVerdict Verdict)
    {
        /// <summary>Whatever became of the request: what came over the line is charged.</summary>
        public Task SettleAsync(long bytes) => Limiter.SettleAsync([Charge with { Amount = bytes }], Name, CancellationToken.None);
    }
}
