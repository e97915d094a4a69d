using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Reconciling;

/// <summary>Services that compare each second, whose databases a test changes behind their backs.</summary>
public sealed class ReconcilingServices : Services
{
    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Sync__ReconcileEvery"] = "00:00:01" });

    /// <inheritdoc cref="Planting.PlantAsync"/>
    public Task<int> PlantAsync(string database, string sql, CancellationToken cancellationToken, params (string Name, object Value)[] values) =>
        State.PlantAsync(database, sql, cancellationToken, values);

    /// <summary><c>throughline reconcile</c>, as an operator runs it.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> ReconcileAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await using var program = RunningProgram.Start("Launcher", ["reconcile", "--state", State.Root, .. arguments]);
        var code = await program.WaitForExitAsync(cancellationToken);
        return (code, program.Output, program.Errors);
    }
}
