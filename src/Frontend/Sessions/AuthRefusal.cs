using System.Net;
using System.Text.Json;
using Throughline.Frontend.Proxy;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>Auth said no, or nothing at all. Its own words are passed on.</summary>
internal sealed class AuthRefusal : Exception
{
    private readonly byte[] _body;
    private readonly string? _contentType;
    private readonly string? _retryAfter;

    private AuthRefusal(HttpStatusCode? status, byte[] body, string? contentType, string? retryAfter, Exception? inner)
        : base(status is null ? "Auth cannot be reached." : $"Auth answered {(int)status}.", inner) =>
        (Status, _body, _contentType, _retryAfter) = (status, body, contentType, retryAfter);

    /// <summary><c>null</c>: no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The token endpoint's <c>error</c>, RFC 6749 §5.2.</summary>
    public string? OAuthError
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize(_body, AuthJson.Default.TokenError)?.Error;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    public static AuthRefusal Unreachable(Exception inner) => new(null, [], null, null, inner);

    public static async Task<AuthRefusal> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        response.StatusCode,
        await response.Content.ReadAsByteArrayAsync(cancellationToken),
        response.Content.Headers.ContentType?.ToString(),
        response.Headers.TryGetValues("Retry-After", out var values) ? values.FirstOrDefault() : null,
        null);

    public IResult ToResult(HttpContext context)
    {
        if (Status is not { } status)
            return ProxyFailures.Unavailable(context, "auth");
        if (_retryAfter is not null)
            context.Response.Headers.RetryAfter = _retryAfter;
        return _contentType?.StartsWith("application/problem+json", StringComparison.OrdinalIgnoreCase) == true
            ? Results.Text(_body, _contentType, (int)status)
            : Problems.Of(StatusCodes.Status502BadGateway, "bad_gateway", $"The auth service answered {(int)status} to a step of the sign-in.");
    }
}
