using System.Globalization;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>One thing that an operator got wrong, and what the service must say of it.</summary>
/// <param name="Kind">In words; the test's name.</param>
/// <param name="Service">Which service finds it at its start.</param>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Says">Parts of the one line, each of them: what is wrong, and the setting or file to mend. <c>{state}</c> is the state folder.</param>
public sealed record Mistake(string Kind, string Service, int ExitCode, params string[] Says)
{
    /// <summary>The promise is for a machine that is not busy with other suites as well.</summary>
    private static readonly TimeSpan ExplainedWithin = TimeSpan.FromSeconds(SuiteSize.Of(30, 5));

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What is done to the state folder before the start.</summary>
    public Action<TestState> Spoil { get; init; } = _ => { };

    /// <summary>Nothing of this may be printed.</summary>
    public string? Secret { get; init; }

    public static TheoryData<string> KindsOf(IEnumerable<Mistake> mistakes) => [.. mistakes.Select(m => m.Kind)];

    /// <summary>Starts the service, and holds how it ends against what is expected.</summary>
    public async Task ExplainedAsync(TestState state, CancellationToken cancellationToken)
    {
        Spoil(state);
        var began = TimeProvider.System.GetTimestamp();
        await using var program = ServiceProcess.Begin(Service, state, Environment);
        var code = await program.WaitForExitAsync(cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began);

        Assert.True(code == ExitCode, $"It ended with {code}, not {ExitCode}:\n{program.Transcript}");
        var line = Assert.Single(program.Errors);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.00} s · {line}"));
        Assert.StartsWith($"{Service}: ", line, StringComparison.Ordinal);
        Assert.All(Says, part => Assert.Contains(part.Replace("{state}", state.Root, StringComparison.Ordinal), line, StringComparison.Ordinal));
        if (Secret is not null) Assert.DoesNotContain(Secret, program.Transcript, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.Zero, ExplainedWithin);
    }
}
