using Throughline.Contracts.Discovery;

namespace Throughline.Testing;

/// <summary>One built service, started alone, without a launcher.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);

    private ServiceProcess(RunningProgram program, DiscoveryRecord record) => (Program, Record) = (program, record);

    public RunningProgram Program { get; }

    public DiscoveryRecord Record { get; }

    public Uri Url => new(Record.ApiUrl);

    /// <summary>Starts <paramref name="service"/> and waits for its discovery record.</summary>
    /// <param name="service"><c>store</c>, <c>auth</c>, <c>backend</c> or <c>frontend</c>.</param>
    /// <param name="environment">Beyond state folder, a free port and the issuer <c>http://localhost:3000</c>; overrides them. <c>Discovery__Node</c> makes it a further node.</param>
    public static async Task<ServiceProcess> StartAsync(
        string service, TestState state, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var program = Begin(service, state, environment);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartWithin);
        var node = environment?.GetValueOrDefault("Discovery__Node");
        var record = state.WaitForRecordAsync(node is null or "1" ? service : $"{service}.{node}", r => r.Pid == program.Pid, limit.Token);
        var ended = program.WaitForExitAsync(limit.Token);
        try
        {
            if (await Task.WhenAny(record, ended) == record)
                return new ServiceProcess(program, await record);
            await ended;
            throw new InvalidOperationException($"{service} ended with {program.ExitCode}:\n{program.Transcript}");
        }
        catch (Exception e)
        {
            program.Kill();
            await limit.CancelAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"{service} published no discovery record within {StartWithin.TotalSeconds} s:\n{program.Transcript}");
            throw;
        }
    }

    /// <summary>Starts it without waiting, for a test of how it ends: <see cref="RunningProgram.WaitForExitAsync"/>.</summary>
    public static RunningProgram Begin(string service, TestState state, IReadOnlyDictionary<string, string>? environment)
    {
        var settings = new Dictionary<string, string>
        {
            ["State__Directory"] = state.Root,
            ["Listen__Port"] = "0",
            ["Auth__Issuer"] = "http://localhost:3000",
            ["Orleans__SiloPort"] = $"{Machine.FreePort()}",
            ["Orleans__GatewayPort"] = $"{Machine.FreePort()}",
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            settings[key] = value;
        return RunningProgram.Start(char.ToUpperInvariant(service[0]) + service[1..], [], settings);
    }

    public ValueTask DisposeAsync() => Program.DisposeAsync();
}
