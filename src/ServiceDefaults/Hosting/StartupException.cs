namespace Throughline.ServiceDefaults;

/// <summary>The service cannot start, for a reason that its operator can mend.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">One line: what is wrong, which key or file, and what to do.</param>
public sealed class StartupException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
