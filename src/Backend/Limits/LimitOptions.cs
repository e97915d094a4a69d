using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Limits;

/// <summary>How much a caller may ask. Configuration section <c>Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>The time in which a tier's messages are counted.</summary>
    /// <value>1 second to 1 hour. Default: 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages of one user in <see cref="Window"/>, by tier.</summary>
    [ValidateObjectMembers]
    public TierMessages Messages { get; set; } = new();

    /// <summary>Points of one user a minute. A read costs one point.</summary>
    /// <value>1 to 1,000,000. Default: 1,200.</value>
    [Range(1, 1_000_000)]
    public int PointsPerUser { get; set; } = 1_200;

    /// <summary>Points of one network address a minute, with a token or without; an office may share one.</summary>
    /// <value>1 to 10,000,000. Default: 12,000.</value>
    [Range(1, 10_000_000)]
    public int PointsPerAddress { get; set; } = 12_000;

    /// <summary>Points of all callers a minute, on all nodes together.</summary>
    /// <value>1 to 100,000,000. Default: 120,000.</value>
    [Range(1, 100_000_000)]
    public int PointsOfAll { get; set; } = 120_000;

    /// <summary>What a search in all own threads costs, points.</summary>
    /// <value>1 to 1,000. Default: 5.</value>
    [Range(1, 1_000)]
    public int SearchCost { get; set; } = 5;

    /// <summary>What an export of a thread costs, points.</summary>
    /// <value>1 to 1,000. Default: 10.</value>
    [Range(1, 1_000)]
    public int ExportCost { get; set; } = 10;

    /// <summary>What an upload costs, points, beside its bytes.</summary>
    /// <value>1 to 1,000. Default: 20.</value>
    [Range(1, 1_000)]
    public int UploadCost { get; set; } = 20;

    /// <summary>Bytes that one user may upload in 24 hours.</summary>
    /// <value>1 KiB to 100 TiB. Default: 20 GiB.</value>
    [Range(1024, 100L << 40)]
    public long UploadBytesPerDay { get; set; } = 20L << 30;

    /// <summary>Connections that one user may open a minute.</summary>
    /// <value>1 to 100,000. Default: 120.</value>
    [Range(1, 100_000)]
    public int SocketsPerUser { get; set; } = 120;

    /// <summary>Connections that one network address may open a minute; after a restart a whole office comes back at once.</summary>
    /// <value>1 to 1,000,000. Default: 6,000.</value>
    [Range(1, 1_000_000)]
    public int SocketsPerAddress { get; set; } = 6_000;

    /// <summary>Callers that a node itself keeps count of, for each policy. Beyond this many at once newcomers share a few counts.</summary>
    /// <value>100 to 1,000,000. Default: 20,000.</value>
    [Range(100, 1_000_000)]
    public int CallersKept { get; set; } = 20_000;
}

/// <summary>Messages in one window. Configuration section <c>Limits:Messages</c>.</summary>
public sealed class TierMessages
{
    /// <value>1 to 10,000. Default: 5.</value>
    [Range(1, 10_000)]
    public int Free { get; set; } = 5;

    /// <value>1 to 10,000. Default: 50.</value>
    [Range(1, 10_000)]
    public int Early { get; set; } = 50;

    /// <value>1 to 10,000. Default: 100.</value>
    [Range(1, 10_000)]
    public int Mid { get; set; } = 100;

    /// <value>1 to 10,000. Default: 200.</value>
    [Range(1, 10_000)]
    public int Enterprise { get; set; } = 200;
}

[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
