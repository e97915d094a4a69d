namespace Throughline.Client.Connection;

/// <summary>Why a socket, or an attempt to open one, came to its end.</summary>
/// <param name="Code">The close code, or <c>null</c> where the line broke or the handshake failed.</param>
/// <param name="RetryAfter">How long the service asked to wait: <c>draining</c>, or <c>Retry-After</c> of a refused handshake.</param>
/// <param name="WasLive">Whether <c>hello</c> had arrived.</param>
/// <param name="HadNoToken">Whether there was no token to begin with.</param>
internal sealed record SocketClosed(
    int? Code, string Reason, TimeSpan? RetryAfter = null, bool WasLive = false, bool HadNoToken = false)
{
    public CloseMeaning Meaning => Code switch
    {
        _ when HadNoToken => CloseMeaning.SessionEnded,
        4001 or 4002 => CloseMeaning.TokenRefused,
        4003 => CloseMeaning.TokenExpired,
        4004 => CloseMeaning.SessionEnded,
        4008 => CloseMeaning.Superseded,
        _ => CloseMeaning.Lost,
    };
}

/// <summary>What a close code asks of the client.</summary>
internal enum CloseMeaning
{
    /// <summary>Reconnect with back-off and resume.</summary>
    Lost,

    /// <summary>Reconnect at once with a renewed token; without one, signed out.</summary>
    TokenExpired,

    /// <summary>Once with a renewed token; if that is refused too, signed out.</summary>
    TokenRefused,

    /// <summary>Signed out. Trying again cannot help.</summary>
    SessionEnded,

    /// <summary>The user's newer connections took its place. Reconnecting would push out one of those, and so on for ever.</summary>
    Superseded,
}
