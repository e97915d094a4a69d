namespace Throughline.Verify;

/// <summary>What is verified, and how far.</summary>
/// <param name="Launcher">How <c>./throughline</c> is started again, for the stacks that verify starts.</param>
public sealed record VerifyOptions(LauncherProgram Launcher)
{
    /// <summary>The state folder of a running stack; null for none.</summary>
    public string? StateRoot { get; init; }

    /// <summary>The public origin of a system whose state folder is not at hand.</summary>
    public Uri? Origin { get; init; }

    /// <summary>Whether things may be killed and restarted on a target that verify did not start.</summary>
    public bool MayDisrupt { get; init; }

    /// <summary>Whether the target was started for this run only, by whoever runs it: all is allowed there.</summary>
    public bool IsThrowAway { get; init; }

    /// <summary>Numbers of the checks to run; empty: all.</summary>
    public IReadOnlySet<int> Only { get; init; } = new HashSet<int>();

    /// <summary>Multiplies limits of time, for a machine that is busy with other things; the report says so.</summary>
    public double Slack { get; init; } = 1;

    /// <summary>The services' programs, by name, for what they say of themselves without running.</summary>
    public IReadOnlyDictionary<string, string> Programs { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the journey is made in a browser, too.</summary>
    public bool WithBrowser { get; init; } = true;

    public ProofGraph Graph { get; init; } = GraphFile.BuiltIn();

    public IDiagnosis Diagnosis { get; init; } = new RuleDiagnosis();

    /// <summary>What the target was started with, where whoever runs this started it.</summary>
    internal StackSettings? TargetSettings { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public bool HasTarget => StateRoot is not null || Origin is not null;

    internal bool IsWanted(Assertion assertion) => Only.Count == 0 || Only.Contains(Graph.CheckOf(assertion.Check).Number);
}

/// <param name="FileName">The executable.</param>
/// <param name="Arguments">What comes before the verb: the program's path where the executable is <c>dotnet</c>.</param>
public sealed record LauncherProgram(string FileName, IReadOnlyList<string> Arguments);
