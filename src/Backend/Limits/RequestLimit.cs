using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Points for requests: of the user, of the address, of everybody. All three are charged, or none.</summary>
internal sealed class RequestLimit(Limiter limiter, Policies policies, IOptions<LimitOptions> options) : IDisposable
{
    // So many strangers are counted in the store at a time, so that nobody who is known queues behind a flood of them.
    private readonly SemaphoreSlim _strangers = new(8);

    public void Dispose() => _strangers.Dispose();

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var work = RouteWork.Of(context);
        if (work is Work.Exempt or Work.Socket)
        {
            await next(context);
            return;
        }

        var charges = ChargesOf(context, CostOf(work));
        var verdict = limiter.TryChargeHere(charges, "", out var taken);
        if (verdict.IsAllowed && IsStranger(context))
        {
            // Nothing is done for it: the answer does not wait for the count of all nodes, but the connection does.
            context.Response.OnCompleted(() => CountAsync(charges, verdict, taken));
            await next(context);
            return;
        }

        if (verdict.IsAllowed) verdict = await limiter.ShareAsync(charges, "", verdict, taken, context.RequestAborted);
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

    private async Task CountAsync(List<LimitCharge> charges, LimitVerdict own, LocalTake taken)
    {
        await _strangers.WaitAsync();
        try
        {
            await limiter.ShareAsync(charges, "", own, taken, CancellationToken.None);
        }
        finally
        {
            _strangers.Release();
        }
    }

    /// <summary>Whether it is turned away whatever the limits say: it brings no token that counts, to a route that asks for one.</summary>
    private static bool IsStranger(HttpContext context) =>
        context.User.Identity is not { IsAuthenticated: true }
        && context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;

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
