using Throughline.Auth.Accounts;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Admin;

/// <summary>Lets administrators pass, by the user's row at this moment: a token still claims the role that was taken a minute ago.</summary>
internal sealed class AdminOnly : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.LiveSession().User.Role == Standing.AdminRole ? await next(context) : AdminProblems.Forbidden();
}
