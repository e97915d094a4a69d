using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Throughline.ServiceDefaults;

/// <summary>Problem documents (RFC 9457). The trace id is added as they are written.</summary>
public static class Problems
{
    /// <param name="code">Stable; clients match on this, never on the title.</param>
    public static ProblemHttpResult Of(int status, string code, string title, string? detail = null) =>
        TypedResults.Problem(title: title, statusCode: status, detail: detail, extensions: [new("code", code)]);

    /// <summary>The trace id of a request's problem document, for a log that says more.</summary>
    public static string TraceIdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>400 with messages by JSON member name.</summary>
    /// <param name="errors">Member name, as in the JSON → what is wrong with it.</param>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors, string code = "invalid_field")
    {
        ArgumentNullException.ThrowIfNull(errors);
        var title = errors.Count == 1 && errors.First() is { Value: [var only] } ? only : "Some fields are not valid.";
        return TypedResults.Problem(
            title: title, statusCode: StatusCodes.Status400BadRequest, extensions: [new("code", code), new("errors", errors)]);
    }

    /// <summary>400 for one JSON member.</summary>
    public static ProblemHttpResult Invalid(string member, string message, string code = "invalid_field") =>
        Invalid(new Dictionary<string, string[]> { [member] = [message] }, code);

    /// <summary>The code of a status that nobody gave a more telling one.</summary>
    internal static string CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status408RequestTimeout => "timeout",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status412PreconditionFailed => "precondition_failed",
        StatusCodes.Status413PayloadTooLarge => "too_large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
        StatusCodes.Status426UpgradeRequired => "upgrade_required",
        StatusCodes.Status428PreconditionRequired => "precondition_required",
        StatusCodes.Status429TooManyRequests => "rate_limited",
        StatusCodes.Status502BadGateway => "bad_gateway",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        StatusCodes.Status504GatewayTimeout => "timeout",
        >= 500 => "internal",
        _ => "invalid_request",
    };
}
