using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>How the replica of auth's users is kept true. Configuration section <c>Sync</c>.</summary>
internal sealed class SyncOptions
{
    /// <summary>How often the whole replica is compared with auth. What differs is logged as a warning; <c>throughline reconcile --repair</c> repairs it.</summary>
    /// <value>1 second to 31 days. Default: 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "31.00:00:00")]
    public TimeSpan ReconcileEvery { get; set; } = TimeSpan.FromDays(1);
}

[OptionsValidator]
internal sealed partial class SyncOptionsValidator : IValidateOptions<SyncOptions>;
