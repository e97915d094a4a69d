using System.Net.Http.Headers;
using System.Text.Json;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Problems;

/// <summary>Turns a refusal, in whichever shape it came, into a <see cref="ProtocolException"/>.</summary>
internal static class ProblemReader
{
    public static async Task<ProtocolException> ReadAsync(
        HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = (int)response.StatusCode;
        var retryAfter = RetryAfterOf(response.Headers.RetryAfter, time);
        if (TryParse(body, WireJson.Default.ProblemDocument) is { Code: { } code } problem)
        {
            return new ProtocolException(code, problem.Title ?? code)
            {
                Detail = problem.Detail,
                Status = status,
                TraceId = problem.TraceId,
                Errors = problem.Errors ?? new Dictionary<string, string[]>(),
                RetryAfter = retryAfter,
            };
        }

        // The token endpoint keeps OAuth's shape, RFC 6749 §5.2.
        if (TryParse(body, OAuthJson.Default.OAuthError) is { Error: { } error } refusal)
            return new ProtocolException(error, refusal.Description ?? error) { Status = status, RetryAfter = retryAfter };

        return new ProtocolException($"http_{status}", $"The service answered {status} {response.ReasonPhrase}".TrimEnd() + ".")
        {
            Status = status,
            RetryAfter = retryAfter,
        };
    }

    public static ProtocolException Read(ErrorFrame frame) => new(frame.Code, frame.Message)
    {
        RetryAfter = frame.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
    };

    private static TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header, TimeProvider time) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private static T? TryParse<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null; // a proxy's HTML, or nothing at all: the status alone has to do
        }
    }
}
