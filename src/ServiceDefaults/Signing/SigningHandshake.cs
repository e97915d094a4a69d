using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Keeps a verifier and auth from holding different signing material unnoticed. The first handshake decides whether the process may
/// live; it is made before anything is served where auth is there, else as soon as it is. Every new instance of auth is asked again,
/// and what it says then shows in readiness as <c>signing</c>.
/// </summary>
internal sealed partial class SigningHandshake(
    AuthWitness auth, SigningCheck check, IServiceDirectory directory, ServiceIdentity identity, StartFailures failures, TimeProvider time,
    ILogger<SigningHandshake> logger) : BackgroundService, IDependencyProbe
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookUntilMet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AtStart = TimeSpan.FromSeconds(3);

    /// <summary>A token's times are whole seconds, and so is the clock that an answer shows.</summary>
    private static readonly TimeSpan ClockTolerance = TokenOptions.ClockSkew + TimeSpan.FromSeconds(2);

    private DependencyHealth _health = new(HealthStatus.Degraded, 0, "auth has not been met since this start; its tokens are verified with what is known of it.");
    private Guid _met; // the instance that the last handshake was with
    private bool _hasAgreed;
    private string? _told = "";
    private readonly long _began = time.GetTimestamp();

    public string Name => "signing";

    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(Volatile.Read(ref _health));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AtStart);
        try
        {
            if (await directory.FindAsync("auth", limit.Token) is not null) await LookAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Auth is there but slow: the loop goes on with it.
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_met == Guid.Empty ? LookUntilMet : LookEvery, time, stoppingToken);
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (StartupException e)
        {
            failures.End(e);
        }
    }

    /// <exception cref="StartupException">They do not agree, and never have in the life of this process.</exception>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var present = await auth.LookAsync(cancellationToken);
            if (present.Instance != _met) await MeetAsync(present, cancellationToken);
            if (_health.Status != HealthStatus.Unhealthy) Show(HealthOf(present));
        }
        catch (StartupException e) when (_hasAgreed)
        {
            _met = Guid.Empty; // whoever is there next is asked again
            Show(new(HealthStatus.Unhealthy, 0, e.Message));
        }
        catch (SigningUndecidedException e)
        {
            if (_health.Status != HealthStatus.Unhealthy) Show(new(HealthStatus.Degraded, 0, e.Message));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // What was agreed stands until somebody else is there.
            if (_health.Status != HealthStatus.Unhealthy) Show(new(HealthStatus.Degraded, 0, await auth.ExplainAbsenceAsync(e.Message, cancellationToken)));
        }
    }

    private async Task MeetAsync(AuthPresence present, CancellationToken cancellationToken)
    {
        if (await check.DisagreementAsync(present, cancellationToken) is { } difference)
        {
            if (!_hasAgreed) throw new StartupException(ExitCode.SigningMismatch, difference);
            Show(new(HealthStatus.Unhealthy, 0, difference));
        }
        else
        {
            _hasAgreed = true;
            Show(new(HealthStatus.Healthy, 0));
        }
        _met = present.Instance;
    }

    private DependencyHealth HealthOf(AuthPresence present) => present.ClockAhead is { } ahead && ahead.Duration() > ClockTolerance
        ? new(HealthStatus.Degraded, 0, $"The clocks of {identity.Service} and auth are {ahead.Duration().TotalSeconds:0} s apart and {TokenOptions.ClockSkew.TotalSeconds:0} s are allowed: set the clocks of both machines, for example by NTP.")
        : new(HealthStatus.Healthy, 0);

    private void Show(DependencyHealth health)
    {
        Volatile.Write(ref _health, health);
        // All services start at once; that auth takes longer than this one is no news.
        if (health.Error == _told || (!_hasAgreed && time.GetElapsedTime(_began) < AtStart)) return;
        _told = health.Error;
        if (health.Status == HealthStatus.Healthy) Log.Agreed(logger, identity.Service);
        else if (health.Status == HealthStatus.Unhealthy) Log.Disagreed(logger, health.Error!);
        else Log.Uncertain(logger, health.Error!);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Service} and auth hold the same signing material")]
        public static partial void Agreed(ILogger logger, string service);

        [LoggerMessage(2, LogLevel.Error, "No token of auth's is accepted: {Reason}")]
        public static partial void Disagreed(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Signing material: {Reason}")]
        public static partial void Uncertain(ILogger logger, string reason);
    }
}
