using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Throughline.Backend.Limits;

/// <summary>Tells a caller over HTTP where it stands: draft-ietf-httpapi-ratelimit-headers-11.</summary>
internal static class RateLimitFields
{
    // Registered for "the client has used up a quota" (RFC 9457 problem types).
    private const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    /// <summary><c>RateLimit-Policy: "messages";q=5;w=60</c>, <c>RateLimit: "messages";r=4;t=60</c>; and <c>Retry-After</c> on a refusal.</summary>
    public static void Write(HttpResponse response, Charge charge, int windowSeconds)
    {
        response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{MessageLimit.Policy}\";q={charge.Quota};w={windowSeconds}");
        response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{MessageLimit.Policy}\";r={charge.Remaining};t={charge.RetryAfterSeconds}");
        if (!charge.IsAllowed) response.Headers.RetryAfter = charge.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>429 with the header fields.</summary>
    public static ProblemHttpResult Refuse(HttpResponse response, Charge charge, int windowSeconds)
    {
        Write(response, charge, windowSeconds);
        return TypedResults.Problem(
            type: QuotaExceeded,
            title: string.Create(CultureInfo.InvariantCulture, $"Your plan allows {charge.Quota} messages in {windowSeconds} seconds."),
            detail: string.Create(CultureInfo.InvariantCulture, $"Ask again in {charge.RetryAfterSeconds} s."),
            statusCode: StatusCodes.Status429TooManyRequests,
            extensions: [new("code", "rate_limited"), new("violated-policies", new[] { MessageLimit.Policy })]);
    }
}
