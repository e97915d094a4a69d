namespace Throughline.Client.Problems;

/// <summary>A service refused a request and said why: a problem document over HTTP, an <c>error</c> frame on the socket,
/// or an OAuth error at the token endpoint.</summary>
/// <remarks>Match on <see cref="Code"/>, which never changes meaning; show <see cref="Title"/> and <see cref="Detail"/>.</remarks>
public sealed class ProtocolException(string code, string title) : Exception(title)
{
    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>The protocol's word for what went wrong, e.g. <c>not_found</c>, <c>invalid_credentials</c>, <c>rate_limited</c>.</summary>
    /// <value><c>http_&lt;status&gt;</c> where the answer was no problem document; <c>signed_out</c> where there is no valid sign-in.</value>
    public string Code { get; } = code;

    /// <summary>One sentence for people.</summary>
    public string Title { get; } = title;

    /// <summary>What to do about it, where the service said.</summary>
    public string? Detail { get; init; }

    /// <summary>HTTP status; <c>null</c> for a refusal on the socket.</summary>
    public int? Status { get; init; }

    /// <summary>The trace in which it happened: name it when you report the failure.</summary>
    public string? TraceId { get; init; }

    /// <summary>For validation: messages by JSON member name; otherwise empty.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = NoErrors;

    /// <summary>When trying again makes sense; <c>null</c> where the service did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether there is no valid sign-in any more, so that only signing in again helps.</summary>
    public bool IsSignedOut => Code == SignedOutCode;

    internal const string SignedOutCode = "signed_out";

    internal static ProtocolException SignedOut(string? detail = null) =>
        new(SignedOutCode, "You are signed out.") { Detail = detail, Status = 401 };
}
