using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>Refuses what a page of another site could make a browser send (CSRF).</summary>
/// <remarks>The cookie's SameSite=Strict already keeps it back from other sites; these checks also hold where another service on the
/// same host name counts as the same site. A form can send neither JSON nor a header of its own without asking first, and nobody
/// else answers such a question here: there is no CORS.</remarks>
internal sealed class OwnPagesOnly(PublicOrigin origin) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!origin.IsOwn(request))
            return Problems.Of(StatusCodes.Status403Forbidden, "foreign_origin", "Only pages of this site may do this.", "The request's Origin header must be this site's own.");
        if (request.Headers["X-Throughline"] != "1")
            return Problems.Of(StatusCodes.Status403Forbidden, "missing_header", "Only pages of this site may do this.", "The request must carry the header X-Throughline: 1.");
        if (!HttpMethods.IsDelete(request.Method) && !request.HasJsonContentType())
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The body must be JSON.");
        return await next(context);
    }
}
