using System.Diagnostics;

namespace Throughline.Contracts.Traces;

/// <summary>Which trace a request belongs to, and where in it: W3C Trace Context, the header <c>traceparent</c> and the member of the same name in <c>run.start</c>.</summary>
/// <remarks>Source: <see href="https://www.w3.org/TR/trace-context/#traceparent-header"/>.</remarks>
public static class Traceparent
{
    public const string Header = "traceparent";

    /// <summary>The beginning of a new trace, which its caller wants recorded.</summary>
    public static string New() => $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01";

    /// <summary>The place that a traceparent names; as the standard wants it, one that cannot be read is the same as none.</summary>
    public static ActivityContext Read(string? traceparent) => ActivityContext.TryParse(traceparent, null, isRemote: true, out var context) ? context : default;

    /// <returns>32 hexadecimal digits; null where there is no readable traceparent.</returns>
    public static string? TraceIdOf(string? traceparent) => Read(traceparent) is var context && context == default ? null : context.TraceId.ToHexString();
}
