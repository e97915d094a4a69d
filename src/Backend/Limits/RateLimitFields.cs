using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Tells a caller over HTTP where it stands: draft-ietf-httpapi-ratelimit-headers-11, lists of RFC 9651.</summary>
internal static class RateLimitFields
{
    // Registered for "the client has used up a quota" (RFC 9457 problem types).
    private const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";
    private const string ReducedCapacity = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";
    private static readonly object Written = new();

    /// <summary>
    /// <c>RateLimit-Policy: "messages";q=5;w=60, "requests";q=1200;w=60</c>, <c>RateLimit: "messages";r=4;t=60, "requests";r=1199;t=1</c>.
    /// A later call adds its policies to those that the answer has.
    /// </summary>
    public static void Write(HttpContext context, LimitVerdict verdict)
    {
        if (context.Items[Written] is not List<LimitStanding> all) context.Items[Written] = all = [];
        all.RemoveAll(old => verdict.Standings.Any(s => s.Policy.Name == old.Policy.Name));
        // How busy the whole service is concerns a caller only where it stands in the way.
        all.AddRange(verdict.Standings.Where(s => s.Policy.Name != Policies.OfAll || s.IsViolated));
        context.Response.Headers["RateLimit-Policy"] = string.Join(", ", all.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"\"{s.Policy.Name}\";q={s.Policy.Quota};w={s.Policy.WindowSeconds}{(s.Policy.Unit is { } unit ? $";qu=\"{unit}\"" : "")}")));
        context.Response.Headers["RateLimit"] = string.Join(", ", all.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"\"{s.Policy.Name}\";r={s.Remaining};t={s.ResetSeconds}")));
    }

    /// <summary>
    /// 429 with the header fields and <c>Retry-After</c>: <c>quota_exhausted</c> for what a day holds, else <c>rate_limited</c>. 503 where it is
    /// not the caller who asks too much.
    /// </summary>
    public static ProblemHttpResult Refuse(HttpContext context, LimitVerdict verdict)
    {
        Write(context, verdict);
        var worst = verdict.Violated.MaxBy(s => s.RetryAfter)!;
        // Not earlier than any violated policy's t.
        context.Response.Headers.RetryAfter = worst.ResetSeconds.ToString(CultureInfo.InvariantCulture);
        var isOfAll = worst.Policy.Name == Policies.OfAll;
        return TypedResults.Problem(
            type: isOfAll ? ReducedCapacity : QuotaExceeded,
            title: LimitWords.TitleOf(worst),
            detail: LimitWords.NextOf(worst),
            statusCode: isOfAll ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status429TooManyRequests,
            extensions:
            [
                new("code", isOfAll ? "unavailable" : worst.Policy.Window >= TimeSpan.FromDays(1) ? "quota_exhausted" : "rate_limited"),
                new("violated-policies", verdict.Violated.Select(s => s.Policy.Name).ToArray()),
            ]);
    }
}
