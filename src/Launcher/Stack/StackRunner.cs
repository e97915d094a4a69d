using Throughline.Launcher.Ports;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>Brings a stack up, keeps it up, and takes it down, whatever ends it.</summary>
internal sealed class StackRunner(StackOptions options, TimeProvider time, Action<StackEvent> report) : IDisposable
{
    /// <summary>A stack that works but lacks something is announced after this; what it lacks is said.</summary>
    private static readonly TimeSpan DegradedPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(14);

    private readonly long _began = time.GetTimestamp();
    private readonly List<SupervisedService> _services = [];
    private StateDirectory? _state;
    private StateLock? _lock;
    private ServiceProbe? _probe;
    private PortAllocator? _ports;
    private string? _formerOrigin;

    public IReadOnlyList<SupervisedService> Services => _services;

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>The public origin, once the frontend is there.</summary>
    public string? Url => _services.FirstOrDefault(s => s.Spec.Service == "frontend")?.Record is { } r ? PublicOrigin.Of(_state!.Description, r.ApiUrl) : null;

    /// <summary>Runs until <paramref name="stop"/> or a lasting failure. Nothing is left running when it returns.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(Func<Task> onReady, CancellationToken stop)
    {
        var run = Guid.CreateVersion7();
        _state = StateDirectory.Open(options.State, time);
        _lock = StateLock.Take(_state, run);
        await Leftovers.WaitForEndAsync(_state, time, stop);
        Prepare(run);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var runs = _services.Select(s => s.RunAsync(ending.Token)).ToList();
        var exitCode = ExitCode.Stopped;
        try
        {
            await WaitUntilReadyAsync(runs, stop);
            var elapsed = Elapsed;
            report(new StackEvent(
                "ready", elapsed.TotalMilliseconds, Address: Url, State: Worst(), Mail: await FindMailAsync(stop),
                AdminPassword: _state.PathOf("secrets", "admin-password"), FormerOrigin: _formerOrigin));
            await onReady();
            await Task.WhenAny([.. runs, StopRequest.WaitAsync(_state, run, time, ending.Token)]);
            await Task.WhenAll(runs.Where(r => r.IsFaulted));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop before it was ready.
        }
        catch (ServiceFailedException e)
        {
            exitCode = e.ExitCode;
            report(new StackEvent("failed", Elapsed.TotalMilliseconds, e.Service, ServiceState.Failed, ExitCode: e.ExitCode, Detail: e.Message, Lines: e.Lines));
        }
        finally
        {
            await StopAsync(ending, runs);
        }

        report(new StackEvent("stopped", Elapsed.TotalMilliseconds, ExitCode: exitCode));
        return exitCode;
    }

    public void Dispose()
    {
        foreach (var service in _services)
            service.Dispose();
        _probe?.Dispose();
        _ports?.Dispose();
        _lock?.Dispose();
    }

    private void Prepare(Guid run)
    {
        _ports = new PortAllocator(options.FixedPorts);
        var frontendPort = _ports.Take(StackPlan.FrontendPort);
        // The issuer carries the port that the frontend gets at the first start.
        if (_state!.Description is null)
            _state.Complete(options.Origin ?? $"http://localhost:{frontendPort}", time);
        else if (options.Origin is { } origin && origin != _state.Description.Issuer)
        {
            _formerOrigin = _state.Description.Issuer;
            _state.ChangeIssuer(origin);
        }

        if (options.Redis is { } redis)
            ExternalRedis.SavePassword(redis, _state);
        _lock!.Begin(options.Redis is { } address ? ExternalRedis.AddressOf(address) : null);
        _probe = new ServiceProbe(_state, time);
        foreach (var spec in StackPlan.Of(options, _state, run, _ports, frontendPort))
        {
            var log = new ServiceLog(_state.PathOf("logs"), spec.Name, time);
            _services.Add(new SupervisedService(spec, _ports, options.FixedPorts, _lock, _probe, log, time, Changed));
        }
    }

    private async Task WaitUntilReadyAsync(List<Task> runs, CancellationToken cancellationToken)
    {
        var ready = Task.WhenAll(_services.Select(s => s.FirstReady));
        long? workingSince = null;
        while (!ready.IsCompleted)
        {
            await Task.WhenAny([ready, .. runs, Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken)]);
            cancellationToken.ThrowIfCancellationRequested();
            if (runs.FirstOrDefault(r => r.IsCompleted) is { } ended)
                await ended;
            workingSince = _services.All(s => s.State is ServiceState.Ready or ServiceState.Degraded) ? workingSince ?? time.GetTimestamp() : null;
            if (workingSince is { } since && time.GetElapsedTime(since) > DegradedPatience)
                _services.ForEach(s => s.TakeAsItIs());
        }
    }

    private async Task<string?> FindMailAsync(CancellationToken cancellationToken) =>
        _services.FirstOrDefault(s => s.Spec.Service == "auth")?.Record is { } auth
            && await _probe!.AskSignInOptionsAsync(auth, cancellationToken) is { } options
                ? options.MailFolder ?? options.Mail
                : null;

    private ServiceState Worst() => _services.All(s => s.State == ServiceState.Ready) ? ServiceState.Ready : ServiceState.Degraded;

    private async Task StopAsync(CancellationTokenSource ending, List<Task> runs)
    {
        report(new StackEvent("stopping", Elapsed.TotalMilliseconds));
        var began = time.GetTimestamp();
        await ending.CancelAsync(); // from here on, what ends is not started again
        foreach (var run in runs)
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // its failure has been reported
        // Who needs others stops before them.
        foreach (var service in Enumerable.Reverse(_services))
        {
            var left = StopPatience - time.GetElapsedTime(began);
            await service.StopAsync(left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        }
    }

    private void Changed(SupervisedService service) => report(new StackEvent(
        "service", Elapsed.TotalMilliseconds, service.Spec.Name, service.State, service.Address, service.Pid,
        service.State is ServiceState.Restarting or ServiceState.Failed ? service.LastExitCode : null, service.Detail,
        service.State == ServiceState.Restarting ? service.LastLines : null));
}
