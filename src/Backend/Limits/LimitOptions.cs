using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Limits;

/// <summary>How much a user may ask. Configuration section <c>Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>The time in which a tier's messages are counted.</summary>
    /// <value>1 second to 1 hour. Default: 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);
}

[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
