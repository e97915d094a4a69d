using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Points for requests: of the user, of the address, of everybody. All three are charged, or none.</summary>
internal sealed class RequestLimit(Limiter limiter, Policies policies, IOptions<LimitOptions> options)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var work = RouteWork.Of(context);
        if (work is Work.Exempt or Work.Socket)
        {
            await next(context);
            return;
        }

        var verdict = await limiter.TryChargeAsync(ChargesOf(context, CostOf(work)), "", context.RequestAborted);
        if (verdict.IsAllowed)
        {
            RateLimitFields.Write(context, verdict);
            await next(context);
        }
        else
        {
            await RateLimitFields.Refuse(context, verdict).ExecuteAsync(context);
        }
    }

    private List<LimitCharge> ChargesOf(HttpContext context, long cost)
    {
        var charges = new List<LimitCharge>
        {
            new(policies.Address, LimitSubject.OfAddress(context.Connection.RemoteIpAddress), cost),
            new(policies.Service, LimitSubject.Everyone, cost),
        };
        if (context.Features.Get<AccessToken>() is { } token) charges.Insert(0, new(policies.User, LimitSubject.OfUser(token.UserId), cost));
        return charges;
    }

    private long CostOf(Work work) => work switch
    {
        Work.Search => options.Value.SearchCost,
        Work.Export => options.Value.ExportCost,
        Work.Upload => options.Value.UploadCost,
        Work.Exempt or Work.Socket or Work.Ask or Work.Other or Work.History or Work.Analytics => 1,
    };
}
