using Microsoft.Data.Sqlite;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Reconciling;

/// <summary>Services that compare each second, whose databases a test changes behind their backs.</summary>
public sealed class ReconcilingServices : Services
{
    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Sync__ReconcileEvery"] = "00:00:01" });

    /// <summary>Runs a statement in <c>auth.db</c> or <c>backend.db</c>.</summary>
    public async Task<int> PlantAsync(string database, string sql, CancellationToken cancellationToken, params (string Name, object Value)[] values)
    {
        await using var connection = new SqliteConnection($"Data Source={State.PathOf(database)};Pooling=False;Default Timeout=10");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary><c>throughline reconcile</c>, as an operator runs it.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> ReconcileAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await using var program = RunningProgram.Start("Launcher", ["reconcile", "--state", State.Root, .. arguments]);
        var code = await program.WaitForExitAsync(cancellationToken);
        return (code, program.Output, program.Errors);
    }
}
