namespace Throughline.Launcher;

/// <summary>What the command cannot do, in words for the person who typed it.</summary>
/// <param name="exitCode">One of <see cref="ServiceDefaults.ExitCode"/>.</param>
/// <param name="message">One sentence: what is wrong.</param>
/// <param name="next">One sentence: what to do next.</param>
internal sealed class LauncherException(int exitCode, string message, string next) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Next { get; } = next;

    /// <summary>There is no room, or no leave, for what a command needs to read or write.</summary>
    public static LauncherException OfFiles(int exitCode, Exception e) =>
        new(exitCode, e.Message, "See that there is room on the disk and in the folder for temporary files, and that you may read and write there; then try again.");
}
