namespace Throughline.Client.Connection;

/// <summary>How the access token travels with the handshake; protocol §4.</summary>
public enum TokenCarrier
{
    /// <summary>As header where headers can be set, as subprotocol in the browser, which cannot.</summary>
    Automatic,

    /// <summary><c>Authorization: Bearer …</c>; not in the browser.</summary>
    Header,

    /// <summary>Subprotocol <c>bearer.&lt;token&gt;</c>.</summary>
    Subprotocol,

    /// <summary>A one-use ticket, fetched before each attempt: one request more, and nothing long-lived in the handshake.</summary>
    Ticket,
}

/// <summary>Time limits of a <see cref="ThreadConnection"/>. The defaults suit people at a screen.</summary>
public sealed record ThreadConnectionOptions
{
    /// <summary>Longest from the start of an attempt to <c>hello</c>. Default: 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Upper bound of the first wait; it doubles with each failed attempt. The wait itself is random between 0 and the
    /// bound ("full jitter"), so that the clients of a restarted service do not all return at once. Default: 0.25 seconds.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Highest upper bound. Default: 15 seconds.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for an answer when <see cref="ThreadConnection.ReconnectNow"/> doubts an open socket. Default: 5 seconds.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default: <see cref="TokenCarrier.Automatic"/>.</summary>
    public TokenCarrier TokenCarrier { get; init; }

    /// <summary>Fetches a ticket, for <see cref="TokenCarrier.Ticket"/>: <see cref="Api.ThroughlineClient.CreateTicketAsync"/>.</summary>
    public Func<CancellationToken, Task<string>>? Ticket { get; init; }

    /// <summary>Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
