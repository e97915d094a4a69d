using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace Throughline.ServiceDefaults;

/// <summary>The last catch of a request: a problem document for the caller, the exception for the log.</summary>
internal sealed partial class ProblemExceptionHandler(IProblemDetailsService problems, ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
            return true; // nobody is left to read an answer

        var problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => InvalidJson(json),
            JsonException json => InvalidJson(json),
            BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } => new ProblemDetails
            {
                Status = StatusCodes.Status400BadRequest,
                Title = "The request does not fit this call: its body or a parameter is missing or malformed.",
            },
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode },
            _ => null,
        };
        if (problem is null)
        {
            Log.Failed(logger, exception, httpContext.Request.Method, httpContext.Request.Path, Problems.TraceIdOf(httpContext));
            if (Unavailability.Is(exception))
            {
                httpContext.Response.Headers.RetryAfter = "2";
                problem = new ProblemDetails
                {
                    Status = StatusCodes.Status503ServiceUnavailable,
                    Title = "What this needs does not answer just now, or has no room left.",
                    Detail = "Try again in a moment; if it goes on, look for the trace id in the service's log.",
                };
            }
            else
            {
                problem = new ProblemDetails
                {
                    Status = StatusCodes.Status500InternalServerError,
                    Title = "Something failed on our side.",
                    Detail = "Try again; if it goes on, look for the trace id in the service's log.",
                };
            }
        }

        httpContext.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        await problems.WriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
        return true;
    }

    /// <summary>A path past the root means well-formed JSON whose member has the wrong type.</summary>
    private static ProblemDetails InvalidJson(JsonException exception)
    {
        // The reader's own complaint about syntax is the inner exception, and itself a JsonException.
        if (exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) && exception.InnerException is not JsonException)
        {
            var member = path[2..];
            return new HttpValidationProblemDetails(new Dictionary<string, string[]> { [member] = ["The value is not of the right type."] })
            {
                Status = StatusCodes.Status400BadRequest,
                Title = $"The value of {member} is not of the right type.",
            };
        }

        return new ProblemDetails
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The body is not valid JSON for this call.",
            Extensions = { ["code"] = "invalid_json" },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed, trace {TraceId}")]
        public static partial void Failed(ILogger logger, Exception exception, string method, PathString path, string traceId);
    }
}
