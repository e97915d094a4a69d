using Throughline.Contracts.Discovery;
using Throughline.Launcher.Ports;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>Keeps one service running: starts it, watches its health, starts it again when it dies.</summary>
internal sealed class SupervisedService(
    ServiceSpec spec, PortAllocator ports, bool fixedPorts, StateLock running, ServiceProbe probe, ServiceLog log, TimeProvider time,
    Action<SupervisedService> changed) : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbeWhileStarting = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ProbeWhileReady = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private const int CrashesAtFirstStart = 3;
    private const int PortsToTry = 20;

    private readonly TaskCompletionSource _firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _child;
    private int _port = spec.Port;

    public ServiceSpec Spec => spec;

    public ServiceState State { get; private set; } = ServiceState.Starting;

    public string? Detail { get; private set; }

    public int? Pid => _child?.Pid;

    public int? LastExitCode { get; private set; }

    public int Restarts { get; private set; }

    public DiscoveryRecord? Record { get; private set; }

    public IReadOnlyList<string> LastLines => log.Last;

    public string Address => Record?.ApiUrl ?? $"127.0.0.1:{_port}";

    /// <summary>Ends when the service was healthy for the first time, or was taken as it is.</summary>
    public Task FirstReady => _firstReady.Task;

    /// <summary>The stack goes into use though something is lacking: what ends from here on is started again, and what is degraded has all the time it needs.</summary>
    public void TakeAsItIs() => _firstReady.TrySetResult();

    /// <summary>Runs until told to stop. Ends earlier only for a reason that trying again does not mend.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (delay, crashes, portsTried) = (FirstDelay, 0, 0);
        while (true)
        {
            var began = time.GetTimestamp();
            var exitCode = await RunOnceAsync(cancellationToken);
            LastExitCode = exitCode;
            Record = null;
            if (exitCode == ExitCode.Port && portsTried++ < PortsToTry)
            {
                // Whoever took the port between our look and the service's bind keeps it.
                if (fixedPorts)
                    throw PortAllocator.Taken(_port);
                _port = ports.Take(_port + 1);
                continue;
            }

            crashes++;
            ThrowIfHopeless(exitCode, crashes);
            if (time.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                delay = FirstDelay;
            Set(ServiceState.Restarting, $"ended with exit code {exitCode}; starts again in {delay.TotalSeconds:0.#} s");
            await Task.Delay(delay, time, cancellationToken);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            Restarts++;
        }
    }

    /// <returns>Whether it stopped by itself in time.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (_child is null)
            return true;
        Set(ServiceState.Stopping);
        var stopped = await _child.StopAsync(patience);
        Set(ServiceState.Stopped, stopped ? null : $"did not stop within {patience.TotalSeconds:0} s and was ended");
        return stopped;
    }

    public void Dispose()
    {
        _child?.Dispose();
        log.Dispose();
    }

    private async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        log.Clear();
        _child?.Dispose();
        _child = ChildProcess.Start(spec, _port, log);
        running.Note(spec.Name, _child.Pid, _child.StartedAt);
        Set(ServiceState.Starting);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var exit = _child.WaitForExitAsync(cancellationToken);
        var watch = WatchAsync(_child.Pid, watching.Token);
        if (await Task.WhenAny(exit, watch) == watch)
            await watch; // watches to the end, so this throws what stopped it
        await watching.CancelAsync();
        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await exit;
    }

    private async Task WatchAsync(int pid, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while ((Record = probe.RecordOf(spec, pid)) is null)
        {
            if (time.GetElapsedTime(began) > StartLimit)
                throw await TooLateAsync(cancellationToken);
            await Task.Delay(ProbeWhileStarting, time, cancellationToken);
        }

        while (true)
        {
            var found = await probe.LookAsync(Record, cancellationToken);
            Set(StateOf(found.Status), found.Reason);
            if (found.Status == HealthStatus.Healthy)
                _firstReady.TrySetResult();
            else if (found.Status != HealthStatus.Degraded && !_firstReady.Task.IsCompleted && time.GetElapsedTime(began) > StartLimit)
                throw await TooLateAsync(cancellationToken);
            await Task.Delay(_firstReady.Task.IsCompleted ? ProbeWhileReady : ProbeWhileStarting, time, cancellationToken);
            Record = probe.RecordOf(spec, pid) ?? Record;
        }
    }

    private void ThrowIfHopeless(int exitCode, int crashes)
    {
        var isFirst = !_firstReady.Task.IsCompleted;
        var isLasting = exitCode is >= ExitCode.Configuration and <= ExitCode.MissingDependency;
        if (exitCode == ExitCode.SigningMismatch || (isFirst && (isLasting || crashes >= CrashesAtFirstStart)))
        {
            Set(ServiceState.Failed, $"ended with exit code {exitCode}");
            // "backend: …", the one line in which a service says what stopped its start.
            var word = log.Last.LastOrDefault(line => line.StartsWith($"{spec.Service}: ", StringComparison.Ordinal))?[spec.Service.Length..] ?? ".";
            throw new ServiceFailedException(
                isLasting ? exitCode : ExitCode.Other, spec.Name, $"{spec.Name} ended with exit code {exitCode}{(crashes > 1 ? $", {crashes} times" : "")}{word}", log.Last);
        }
    }

    private async Task<ServiceFailedException> TooLateAsync(CancellationToken cancellationToken)
    {
        var last = Record is { } record ? await probe.LookAsync(record, cancellationToken) : await probe.LookAtPortAsync(_port, cancellationToken);
        Set(ServiceState.Failed, last.Reason);
        return new ServiceFailedException(
            ExitCode.Other, spec.Name, $"{spec.Name} was not ready after {StartLimit.TotalSeconds:0} s. Last probe: {last.Status}, {last.Reason?.TrimEnd('.') ?? "no reason given"}.", log.Last);
    }

    private static ServiceState StateOf(string status) => status switch
    {
        HealthStatus.Healthy => ServiceState.Ready,
        HealthStatus.Degraded => ServiceState.Degraded,
        _ => ServiceState.Unhealthy,
    };

    private void Set(ServiceState state, string? detail = null)
    {
        if (State == state && Detail == detail && state != ServiceState.Starting)
            return;
        (State, Detail) = (state, detail);
        changed(this);
    }
}

/// <summary>A service cannot be brought up; the stack ends with its exit code.</summary>
internal sealed class ServiceFailedException(int exitCode, string service, string message, IReadOnlyList<string> lines) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Service { get; } = service;

    public IReadOnlyList<string> Lines { get; } = lines;
}
