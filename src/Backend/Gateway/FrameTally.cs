namespace Throughline.Backend.Gateway;

/// <summary>Counts what a socket got wrong.</summary>
internal sealed class FrameTally(TimeProvider time)
{
    /// <summary>Protocol errors in a row that are answered; the next closes.</summary>
    private const int MostInARow = 5;

    /// <summary>Refused frames in one minute that are answered; the next closes.</summary>
    private const int MostAMinute = 1000;

    private int _inARow;
    private int _inMinute;
    private long _minuteBegan = time.GetTimestamp();

    /// <param name="code">The error's code; null for a frame that was in order.</param>
    /// <returns>Why the connection must be closed, if it must.</returns>
    public CloseReason? Count(string? code)
    {
        _inARow = code is "invalid_json" or "missing_type" or "unknown_type" or "invalid_field" ? _inARow + 1 : 0;
        if (_inARow > MostInARow) return CloseReason.TooManyProtocolErrors;
        if (code is null) return null;

        if (time.GetElapsedTime(_minuteBegan) >= TimeSpan.FromMinutes(1)) (_inMinute, _minuteBegan) = (0, time.GetTimestamp());
        return ++_inMinute > MostAMinute ? CloseReason.TooManyRefusals : null;
    }
}
