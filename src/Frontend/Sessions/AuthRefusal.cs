using System.Net;
using System.Text;
using System.Text.Json;
using Throughline.Frontend.Proxy;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>Auth said no, or nothing at all. Its own words are passed on.</summary>
internal sealed partial class AuthRefusal : Exception
{
    private const int MaxWords = 300;
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
        if (_contentType?.StartsWith("application/problem+json", StringComparison.OrdinalIgnoreCase) == true)
            return Results.Text(_body, _contentType, (int)status);
        // What the protocol between us and auth does not provide for is nothing the caller can mend.
        Log.StepRefused(context.RequestServices.GetRequiredService<ILogger<AuthRefusal>>(), Problems.TraceIdOf(context), (int)status, Words);
        return Problems.Of(
            StatusCodes.Status502BadGateway, "bad_gateway", $"The auth service answered {(int)status} to a step of the sign-in.",
            "It is no fault of yours. Whoever runs this installation finds the reason under this trace: throughline logs frontend");
    }

    /// <summary>In one line: <c>error:invalid_request error_description:The specified 'client_id' is invalid.</c> What is no error may hold tokens, and is not told.</summary>
    private string Words
    {
        get
        {
            if (Status is not >= HttpStatusCode.BadRequest) return "with something that does not fit";
            var words = string.Join(' ', Encoding.UTF8.GetString(_body).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return words.Length <= MaxWords ? words : words[..MaxWords];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A step of a sign-in was refused, trace {TraceId}: auth answered {Status} {Words}")]
        public static partial void StepRefused(ILogger logger, string traceId, int status, string words);
    }
}
