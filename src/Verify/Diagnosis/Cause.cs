namespace Throughline.Verify;

/// <summary>Why things fail.</summary>
/// <param name="Component">A service, <c>launcher</c>, <c>discovery</c>, or <c>unknown</c>.</param>
/// <param name="Fault">A stable code, e.g. <c>connection_refused</c>; <c>unknown</c> where the evidence does not decide.</param>
/// <param name="Sentence">What is wrong, for the person who mends it.</param>
/// <param name="Chain">From the cause to what a user sees; each arrow is backed by a probe of its own.</param>
/// <param name="Explains">Ids of the assertions that fail because of it.</param>
/// <param name="Candidates">Where the fault is unknown: what it may be, the likeliest first.</param>
public sealed record Cause(
    string Component, string Fault, string Sentence, IReadOnlyList<Arrow> Chain, Fix Fix, IReadOnlyList<string> Explains,
    IReadOnlyList<Candidate> Candidates)
{
    public const string Unknown = "unknown";

    /// <summary>Distinct in a run.</summary>
    public string Id => Fault == Unknown && Explains.Count > 0 ? $"{Component}.{Fault}({Explains[0]})" : $"{Component}.{Fault}";
}

/// <summary>One step of the chain.</summary>
/// <param name="Probe">The assertion whose evidence shows it.</param>
/// <param name="Evidence">Which item of that assertion's evidence.</param>
/// <param name="Seen">That item in a line, for who has not all the evidence at hand.</param>
public sealed record Arrow(string From, string To, string Probe, int Evidence, string? Seen = null);

/// <param name="Text">What to do.</param>
/// <param name="Command">A command that does it, where one does.</param>
public sealed record Fix(string Text, string? Command = null)
{
    /// <summary>The command as a program and its arguments, for a machine to run. Absent where a person has to decide.</summary>
    public IReadOnlyList<string>? Argv { get; init; }

    /// <summary>A fix that a machine can make.</summary>
    public static Fix By(string text, params string[] argv) => new(text, string.Join(' ', argv.Select(Quote))) { Argv = argv };

    private static string Quote(string argument) =>
        argument.All(c => char.IsLetterOrDigit(c) || c is '-' or '/' or '.' or '_' or '=' or ':') ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

public sealed record Candidate(string Component, string Fault, string Sentence);
