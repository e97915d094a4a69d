using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>What the limits said to a message.</summary>
internal sealed record Charge(LimitVerdict Verdict)
{
    public bool IsAllowed => Verdict.IsAllowed;

    public TimeSpan RetryAfter => Verdict.RetryAfter;

    /// <summary>Why not, in words.</summary>
    public string Refusal => LimitWords.TitleOf(Verdict.Violated.First());
}
