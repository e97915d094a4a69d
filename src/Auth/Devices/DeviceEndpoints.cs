using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Devices;

/// <summary><c>/auth/device</c>: a signed-in user's word on a device that waits. By bearer token; no cookie counts here.</summary>
internal static class DeviceEndpoints
{
    private const int WrongCodesAllowed = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    public static async Task<Results<Ok<WaitingDevice>, ProblemHttpResult>> ReadAsync(
        DeviceDecision device, HttpContext context, DeviceStore devices, AttemptLimits limits, CancellationToken cancellationToken)
    {
        var (grant, refusal) = await FindAsync(device, context, devices, limits, cancellationToken);
        return grant is null
            ? refusal!
            : TypedResults.Ok(new WaitingDevice(
                UserCode.Show(UserCode.Normalize(device.UserCode)), grant.Facts.ClientId, grant.Facts.Address, grant.Facts.UserAgent, grant.RequestedAt));
    }

    public static Task<Results<NoContent, ProblemHttpResult>> ApproveAsync(
        DeviceDecision device, HttpContext context, DeviceStore devices, AttemptLimits limits, CancellationToken cancellationToken) =>
        DecideAsync(device, context, devices, limits, devices.ApproveAsync, cancellationToken);

    public static Task<Results<NoContent, ProblemHttpResult>> DenyAsync(
        DeviceDecision device, HttpContext context, DeviceStore devices, AttemptLimits limits, CancellationToken cancellationToken) =>
        DecideAsync(device, context, devices, limits, devices.DenyAsync, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> DecideAsync(
        DeviceDecision device, HttpContext context, DeviceStore devices, AttemptLimits limits,
        Func<Guid, WaitingGrant, CancellationToken, Task<bool>> decide, CancellationToken cancellationToken)
    {
        var (grant, refusal) = await FindAsync(device, context, devices, limits, cancellationToken);
        if (grant is null) return refusal!;
        return await decide(context.LiveSession().User.Id, grant, cancellationToken) ? TypedResults.NoContent() : NotFound();
    }

    private static async Task<(WaitingGrant? Grant, ProblemHttpResult? Refusal)> FindAsync(
        DeviceDecision device, HttpContext context, DeviceStore devices, AttemptLimits limits, CancellationToken cancellationToken)
    {
        var key = $"device decision {context.LiveSession().User.Id}";
        if (limits.WaitFor(key, WrongCodesAllowed, Window) is { } wait) return (null, AccountProblems.TooMany(context, wait));
        if (await devices.FindWaitingAsync(UserCode.Normalize(device.UserCode), cancellationToken) is { } grant) return (grant, null);
        limits.Charge(key, Window);
        return (null, NotFound());
    }

    private static ProblemHttpResult NotFound() => Problems.Of(
        StatusCodes.Status404NotFound, "not_found", "No device waits with this code.",
        "Compare it with what the device shows; a code is good for ten minutes and one decision.");
}
