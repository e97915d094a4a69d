using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Runs;

/// <summary>Limits for one run. Configuration section <c>Runs</c>.</summary>
public sealed class RunOptions
{
    /// <summary>Longest a run may take before it ends as <c>failed</c>.</summary>
    /// <value>1 second to 30 minutes. Default: 2 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a run is taken up, counting the first time, before it ends as <c>failed</c>.</summary>
    /// <value>1 to 10. Default: 3.</value>
    [Range(1, 10)]
    public int Attempts { get; set; } = 3;

    /// <summary>How many runs may wait in one thread.</summary>
    /// <value>1 to 1,000. Default: 20.</value>
    [Range(1, 1000)]
    public int QueuedPerThread { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class RunOptionsValidator : IValidateOptions<RunOptions>;
