namespace Throughline.Launcher;

/// <summary>What the command cannot do, in words for the person who typed it.</summary>
/// <param name="exitCode">One of <see cref="ServiceDefaults.ExitCode"/>.</param>
/// <param name="message">One sentence: what is wrong.</param>
/// <param name="next">One sentence: what to do next.</param>
internal sealed class LauncherException(int exitCode, string message, string next) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Next { get; } = next;
}
