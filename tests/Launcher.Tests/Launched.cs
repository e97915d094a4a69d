using Throughline.Testing;

namespace Throughline.Launcher.Tests;

/// <summary>Short runs of the launcher's verbs.</summary>
internal static class Launched
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        await using var program = RunningProgram.Start("Launcher", arguments, environment);
        var code = await program.WaitForExitAsync(limit.Token);
        return (code, string.Join('\n', program.Output), string.Join('\n', program.Errors));
    }
}
