using System.Text.Json;
using Throughline.Contracts.Discovery;

namespace Throughline.Testing;

/// <summary>The whole stack through its own launcher, as a user starts it.</summary>
public sealed class LaunchedStack : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);

    private LaunchedStack(RunningProgram launcher, TestState state) => (Launcher, State) = (launcher, state);

    public RunningProgram Launcher { get; }

    public TestState State { get; }

    /// <summary>Starts <c>up</c> and returns when all is ready.</summary>
    public static async Task<LaunchedStack> StartAsync(
        TestState state, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var launcher = Begin(state, arguments, environment);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyWithin);
        try
        {
            await launcher.WaitForLineAsync(line => EventOf(line) == "ready", limit.Token);
            return new LaunchedStack(launcher, state);
        }
        catch (Exception e)
        {
            var said = launcher.Transcript;
            await launcher.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"The stack was not ready within {ReadyWithin.TotalSeconds} s:\n{said}");
            throw;
        }
    }

    /// <summary>Starts <c>up</c> without waiting.</summary>
    public static RunningProgram Begin(TestState state, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        RunningProgram.Start("Launcher", ["up", "--state", state.Root, "--no-open", "--json", .. arguments], environment);

    /// <summary>The record of a service: <c>auth</c>, <c>backend</c>, <c>backend.2</c> …</summary>
    public DiscoveryRecord RecordOf(string name) =>
        State.ReadRecord(name) ?? throw new InvalidOperationException($"{name} has published no record:\n{Launcher.Transcript}");

    public ValueTask DisposeAsync() => Launcher.DisposeAsync();

    /// <summary>What a line of <c>up --json</c> tells: <c>service</c>, <c>ready</c>, <c>stopped</c> …</summary>
    public static string? EventOf(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty("event", out var name) ? name.GetString() : null;
    }
}
