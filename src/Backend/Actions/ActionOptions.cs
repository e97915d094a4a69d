using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Actions;

/// <summary>Actions that need an approval. Configuration section <c>Actions</c>.</summary>
public sealed class ActionOptions
{
    /// <summary>How long a proposed action can be approved or declined.</summary>
    /// <value>1 second to 30 days. Default: 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromDays(1);
}

[OptionsValidator]
internal sealed partial class ActionOptionsValidator : IValidateOptions<ActionOptions>;
