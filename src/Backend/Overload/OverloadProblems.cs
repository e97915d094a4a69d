using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Backend.Limits;

namespace Throughline.Backend.Overload;

internal static class OverloadProblems
{
    public const string Asking = "The service is full just now. Your question was not taken; ask it again in a moment.";

    // Registered for "the service cannot do now what it usually does" (RFC 9457 problem types).
    private const string ReducedCapacity = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

    /// <summary>When to come again, jittered so that those who were turned away together do not come together.</summary>
    public static TimeSpan RetryAfter => TimeSpan.FromSeconds(Random.Shared.Next(2, 6));

    public static ProblemHttpResult Busy(HttpResponse response, Work work)
    {
        var seconds = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        response.Headers.RetryAfter = seconds;
        return TypedResults.Problem(
            type: ReducedCapacity,
            title: work switch
            {
                Work.Ask => Asking,
                Work.History or Work.Export => "The service is busy: reading threads waits, so that questions are answered.",
                _ => "The service is busy: figures, files and searches wait, so that questions are answered.",
            },
            detail: $"Try again in {seconds} seconds.",
            statusCode: StatusCodes.Status503ServiceUnavailable,
            extensions: [new("code", "unavailable")]);
    }
}
