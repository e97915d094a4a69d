using Throughline.Testing;
using Throughline.Testing.Chaos;

namespace Throughline.Backend.Tests.Storm;

/// <summary>Something that goes wrong, and is mended after a while.</summary>
internal sealed record Fault(string Name, Func<Task> Strike, Func<Task> Mend);

/// <summary>What may go wrong around the backend.</summary>
internal static class Faults
{
    /// <summary>Every kind; those of the network with numbers of their own each time.</summary>
    public static IReadOnlyList<Func<Random, Fault>> Of(StormServices services, CancellationToken stop) =>
    [
        random => InTheNetwork("cut after bytes", services.Clients, new() { CutAfter = random.Next(1, 20_000) }),
        random => InTheNetwork("reset after bytes", services.Clients, new() { CutAfter = random.Next(1, 20_000), IsReset = true }),
        random => InTheNetwork("late", services.Clients, new() { Delay = TimeSpan.FromMilliseconds(random.Next(5, 60)) }),
        random => InTheNetwork("slow", services.Clients, new() { BytesPerSecond = random.Next(20_000, 100_000), Slice = 1000 }),
        random => InTheNetwork("in pieces", services.Clients, new() { Slice = random.Next(1, 40) }),
        _ => InTheNetwork("half open", services.Clients, new() { IsSilent = true }),
        _ => Once("every client cut", () => services.Clients.Cut(reset: false)),
        _ => Once("every client reset", () => services.Clients.Cut(reset: true)),
        random => InTheNetwork("store line cut after bytes", services.StoreLine, new() { CutAfter = random.Next(1, 5_000) }),
        random => InTheNetwork("store late", services.StoreLine, new() { Delay = TimeSpan.FromMilliseconds(random.Next(20, 200)) }),
        _ => InTheNetwork("store silent", services.StoreLine, new() { IsSilent = true }),
        _ => Once("store line reset", () => services.StoreLine.Cut(reset: true)),
        _ => new("backend killed", () => Services.KillAsync(services.Backend, stop), () => services.StartBackendAsync(stop)),
        _ => new("backend stopped", () => services.Backend.Program.StopAsync(stop), () => services.StartBackendAsync(stop)),
        _ => new("backend hangs", () => SignalAsync("STOP", services.Backend, stop), () => SignalAsync("CONT", services.Backend, stop)),
        _ => new("store killed", () => Services.KillAsync(services.Store, stop), () => services.StartStoreAsync(stop)),
        _ => new("store hangs", () => SignalAsync("STOP", services.Store, stop), () => SignalAsync("CONT", services.Store, stop)),
        _ => new("auth killed", () => Services.KillAsync(services.Auth, stop), () => services.StartAuthAsync(stop)),
    ];

    private static Fault InTheNetwork(string name, ChaosProxy line, Weather weather) =>
        new(name, () => Done(() => line.Weather = weather), () => Done(() => line.Weather = Weather.Fair));

    private static Fault Once(string name, Action strike) => new(name, () => Done(strike), () => Task.CompletedTask);

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task SignalAsync(string signal, ServiceProcess service, CancellationToken stop) =>
        await Machine.RunAsync("kill", [$"-{signal}", $"{service.Program.Pid}"], stop);
}
