namespace Throughline.Backend.Gateway;

/// <summary>The close codes of protocol §4.</summary>
/// <param name="FlushesFirst">Whether frames that wait are sent before the close; not where the user may no longer see them.</param>
internal sealed record CloseReason(int Code, string Text, bool FlushesFirst = false)
{
    public static readonly CloseReason NoToken = new(4001, "no token provided");
    public static readonly CloseReason TokenExpired = new(4003, "token expired");
    public static readonly CloseReason SessionRevoked = new(4004, "session revoked");
    public static readonly CloseReason TooManyProtocolErrors = new(4005, "too many protocol errors", FlushesFirst: true);
    public static readonly CloseReason TooManySockets = new(4008, "another connection took this one's place");
    public static readonly CloseReason Stalled = new(4009, "no progress");
    public static readonly CloseReason TooManyRefusals = new(4029, "too many refused frames", FlushesFirst: true);
    public static readonly CloseReason FrameTooBig = new(1009, "frame too big");
    public static readonly CloseReason Restart = new(1012, "service restart", FlushesFirst: true);
    public static readonly CloseReason Normal = new(1000, "");

    public static CloseReason InvalidToken(string reason) => new(4002, $"invalid token: {reason}");
}
