namespace Throughline.Launcher.Doctor;

internal enum Verdict
{
    Good,
    Warning,
    Bad,
}

/// <param name="Remedy">What to do about it.</param>
/// <param name="ExitCode">What <c>doctor</c> ends with if this is the first that is bad.</param>
internal sealed record Finding(Verdict Verdict, string Subject, string Text, string? Remedy = null, int ExitCode = ServiceDefaults.ExitCode.Other)
{
    public static Finding Good(string subject, string text) => new(Verdict.Good, subject, text);

    public static Finding Warning(string subject, string text, string remedy) => new(Verdict.Warning, subject, text, remedy);

    /// <param name="remedy">Null where <paramref name="text"/> holds it, as what a service says at its start does.</param>
    public static Finding Bad(string subject, string text, string? remedy, int exitCode) => new(Verdict.Bad, subject, text, remedy, exitCode);
}
