using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Audit;

/// <summary>
/// Tells the audit log who was turned away: by a limit (429), or by a role, a scope or a foreign page (403). Refusals come in floods: of one
/// caller at one door the first in a minute is told, so the log tells of the flood and is not one.
/// </summary>
internal sealed class AuditedRefusals(RequestDelegate next)
{
    private static readonly TimeSpan ToldOnceIn = TimeSpan.FromMinutes(1);

    public async Task InvokeAsync(HttpContext context, AttemptLimits told, AuditLog audit)
    {
        await next(context);
        if (ReasonFor(context.Response.StatusCode) is not { } reason) return;

        var caller = context.Features.Get<AccessToken>() is { IsService: false } token ? token : null;
        var door = $"{context.Request.Method} {context.GetEndpoint()?.DisplayName}";
        if (told.TryCharge($"refused {reason} {door} {caller?.SessionId} {Device.Of(context).Network}", 1, ToldOnceIn) is not null) return;
        // A caller who has gone away leaves a trace all the same.
        await audit.WriteAsync(new(AuditEvents.AccessDenied, AuditOutcome.Denied, caller?.UserId, Detail: $"{door}: {reason}"), CancellationToken.None);
    }

    private static string? ReasonFor(int status) => status switch
    {
        StatusCodes.Status403Forbidden => "not allowed",
        StatusCodes.Status429TooManyRequests => "too many attempts",
        _ => null,
    };
}
