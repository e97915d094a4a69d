using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Overload;

/// <summary>From where on a node turns work away. Configuration section <c>Overload</c>.</summary>
public sealed class OverloadOptions : IValidatableObject
{
    /// <summary>Requests for figures, files and history in progress at which the node is full.</summary>
    /// <value>2 to 100,000. Default: 256.</value>
    [Range(2, 100_000)]
    public int RequestsAtOnce { get; set; } = 256;

    /// <summary>Runs at work at which the node is full.</summary>
    /// <value>1 to 100,000. Default: 1,000.</value>
    [Range(1, 100_000)]
    public int RunsAtOnce { get; set; } = 1_000;

    /// <summary>The part of a full node from which figures, files and searches are turned away.</summary>
    /// <value>0.05 to 1. Default: 0.5.</value>
    [Range(0.05, 1)]
    public double AnalyticsFrom { get; set; } = 0.5;

    /// <summary>The part of a full node from which history is turned away too. Questions are turned away last, from a full node.</summary>
    /// <value>0.05 to 1. Default: 0.75.</value>
    [Range(0.05, 1)]
    public double HistoryFrom { get; set; } = 0.75;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HistoryFrom < AnalyticsFrom)
            yield return new($"Overload:HistoryFrom is below Overload:AnalyticsFrom: set it to {AnalyticsFrom} or more, so that history outlasts figures.", [nameof(HistoryFrom)]);
    }
}

[OptionsValidator]
internal sealed partial class OverloadOptionsValidator : IValidateOptions<OverloadOptions>;
