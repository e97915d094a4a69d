using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;
using Throughline.Auth.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Throughline.Auth.Devices;

/// <summary>Whoever lets devices ask without end is asked to slow down: each request is a row.</summary>
internal sealed class LimitDevices(AttemptLimits limits, IOptions<DeviceOptions> options) : IOpenIddictServerHandler<HandleDeviceAuthorizationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<HandleDeviceAuthorizationRequestContext>().UseSingletonHandler<LimitDevices>().SetOrder(int.MinValue + 1000).Build();

    public ValueTask HandleAsync(HandleDeviceAuthorizationRequestContext context)
    {
        var address = Device.Of(context.Transaction.GetHttpRequest()!.HttpContext).Address;
        if (limits.TryCharge($"device {address}", options.Value.RequestsPerMinute, TimeSpan.FromMinutes(1)) is { } wait)
            context.Reject(OpenIddictConstants.Errors.SlowDown, $"Too many devices ask from this address. Try again in {Math.Ceiling(wait.TotalSeconds):0} seconds.");
        return default;
    }
}

/// <summary>Where OpenIddict makes a device's two codes: both are of one row of ours.</summary>
internal sealed class GenerateDeviceCodes(DeviceStore devices) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<GenerateTokenContext>().UseScopedHandler<GenerateDeviceCodes>().SetOrder(int.MinValue + 900).Build();

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        switch (context.TokenType)
        {
            case OpenIddictConstants.TokenTypeIdentifiers.Private.DeviceCode:
                var scope = string.Join(' ', context.Principal.GetScopes());
                var codes = await devices.AddAsync(context.ClientId!, scope, Device.Of(http), http.RequestAborted);
                http.Features.Set(new IssuedUserCode(codes.UserCode));
                Set(context, codes.DeviceCode);
                break;
            case OpenIddictConstants.TokenTypeIdentifiers.Private.UserCode: // made right after the device's
                Set(context, http.Features.GetRequiredFeature<IssuedUserCode>().Code);
                break;
        }
    }

    private static void Set(GenerateTokenContext context, string token)
    {
        context.Token = token;
        (context.CreateTokenEntry, context.PersistTokenPayload, context.IsReferenceToken) = (false, false, false);
    }

    private sealed record IssuedUserCode(string Code);
}

/// <summary>Where OpenIddict reads a device code: the device asks whether it is approved (RFC 8628 §3.5).</summary>
internal sealed class ReadDeviceCodes(
    DeviceStore devices, SessionStore sessions, AttemptLimits limits, IOptions<DeviceOptions> options, TimeProvider time)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ValidateTokenContext>().UseScopedHandler<ReadDeviceCodes>().SetOrder(int.MinValue + 900).Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.ValidTokenTypes.SetEquals([OpenIddictConstants.TokenTypeIdentifiers.Private.UserCode]))
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "User codes are taken at /auth/device only.");
        if (!context.ValidTokenTypes.SetEquals([OpenIddictConstants.TokenTypeIdentifiers.Private.DeviceCode])) return;

        var stop = context.Transaction.GetHttpRequest()!.HttpContext.RequestAborted;
        var grant = await devices.FindAsync(context.Token, stop);
        if (Refuse(grant) is var (error, description))
        {
            context.Reject(error, description);
            return;
        }
        if (await sessions.FindLiveAsync(grant!.SessionId!.Value, stop) is not { } live)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The sign-in was ended before the device took it up.");
            return;
        }
        var principal = Principals.Of(live, grant.Facts.Scope.Split(' '));
        principal.SetTokenType(OpenIddictConstants.TokenTypeIdentifiers.Private.DeviceCode)
            .SetPresenters(grant.Facts.ClientId).SetExpirationDate(grant.ExpiresAt);
        context.Principal = principal;
    }

    /// <returns>Null where the device may go on to its tokens.</returns>
    private (string Error, string Description)? Refuse(WaitingGrant? grant)
    {
        if (grant is null || grant.Status == OpenIddictConstants.Statuses.Redeemed)
            return (OpenIddictConstants.Errors.InvalidGrant, "The device code is not valid, or was used.");
        if (grant.ExpiresAt <= time.GetUtcNow()) return (OpenIddictConstants.Errors.ExpiredToken, "The codes are over. Ask for new ones.");
        if (grant.Status == OpenIddictConstants.Statuses.Rejected) return (OpenIddictConstants.Errors.AccessDenied, "The user denied it.");

        // A tenth less than promised: what was sent in time may arrive a little early after one that was late.
        if (limits.TryCharge($"device poll {grant.Id}", 1, options.Value.Interval * 0.9) is not null)
            return (OpenIddictConstants.Errors.SlowDown, "Wait longer between two questions.");
        return grant.SessionId is null ? (OpenIddictConstants.Errors.AuthorizationPending, "Nobody has decided yet.") : null;
    }
}

/// <summary>Tells the device where people approve it: a page of the public origin, not of auth.</summary>
internal sealed class TellDevicePage(PublicPages pages, IOptions<DeviceOptions> options) : IOpenIddictServerHandler<ApplyDeviceAuthorizationResponseContext>
{
    public const string Path = "/device";

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<ApplyDeviceAuthorizationResponseContext>().UseSingletonHandler<TellDevicePage>().SetOrder(int.MinValue + 1000).Build();

    public async ValueTask HandleAsync(ApplyDeviceAuthorizationResponseContext context)
    {
        if (context.Response.UserCode is not { } code) return;
        var stop = context.Transaction.GetHttpRequest()!.HttpContext.RequestAborted;
        context.Response.VerificationUri = await pages.AddressOfAsync(Path, stop);
        // In an address, because it opens nothing by itself: who approves it is signed in.
        context.Response.VerificationUriComplete = await pages.AddressOfAsync($"{Path}?user_code={code}", stop);
        context.Response.ExpiresIn = (long)options.Value.CodeLifetime.TotalSeconds; // OpenIddict rounds what has passed meanwhile
        context.Response["interval"] = (long)options.Value.Interval.TotalSeconds;
    }
}
