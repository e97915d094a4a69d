namespace Throughline.Contracts.Problems;

/// <summary>An RFC 9457 problem document as every service answers it.</summary>
/// <param name="Code">Stable; clients match on this, never on the title.</param>
/// <param name="TraceId">The trace in which the failure happened.</param>
/// <param name="Errors">For validation: messages by JSON member name.</param>
public sealed record ProblemDocument(
    string? Type, string? Title, int? Status, string? Detail, string? Code, string? TraceId,
    IReadOnlyDictionary<string, string[]>? Errors = null);
