namespace Throughline.Backend.Threads;

/// <summary>Whoever follows a thread cannot go on: what should come next is not there, and will not come.</summary>
internal sealed class LogGapException : Exception
{
    private LogGapException(string code, string message)
        : base(message) => Code = code;

    /// <summary>The protocol's code.</summary>
    public string Code { get; }

    /// <summary>The thread is gone, or is another one by now.</summary>
    public static LogGapException Deleted() => new("not_found", "This thread was deleted.");

    /// <summary>Somebody or something took events out of the database.</summary>
    public static LogGapException Incomplete(long first, long last) =>
        new("log_incomplete", $"This thread has lost its events {first} to {last}. Exporting it gives what is left; who runs this service may have the rest in a backup.");
}
