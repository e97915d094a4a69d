using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Gateway;

/// <summary>Limits of the socket gateway. Configuration section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Origins allowed beside the public one and the frontend's own, e.g. <c>https://spend.example.com</c>; <c>Cors:Origins</c> are allowed too.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>How often clients ping, seconds.</summary>
    [Range(1, 300)]
    public int HeartbeatSeconds { get; set; } = 15;

    /// <summary>Connections of one user; one more closes the oldest.</summary>
    [Range(1, 100_000)]
    public int SocketsPerUser { get; set; } = 10;

    /// <summary>Connections of this node; more are refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 18_000;

    /// <summary>Bytes queued for one connection before it lets its live queue go and reads on from the log.</summary>
    [Range(4096, 64 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 1024 * 1024;

    /// <summary>Largest frame taken, bytes, over all its fragments.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxFrameBytes { get; set; } = 256 * 1024;

    /// <summary>How long a connection may make no progress at all before it is closed with 4009.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a ticket can open a socket.</summary>
    /// <value>1 second to 5 minutes. Default: 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
