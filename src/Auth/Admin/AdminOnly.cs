using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Admin;

/// <summary>Lets administrators pass, by the user's row at this moment: a token still claims the role that was taken a minute ago.</summary>
internal sealed class AdminOnly(AuditLog audit) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var user = http.LiveSession().User;
        if (user.Role == Standing.AdminRole) return await next(context);
        await audit.WriteAsync(
            new(AuditEvents.AccessDenied, AuditOutcome.Denied, user.Id, Detail: $"{http.Request.Method} {http.GetEndpoint()?.DisplayName}"), CancellationToken.None);
        return AdminProblems.Forbidden();
    }
}
