using Throughline.Backend.Breakers;
using Throughline.Backend.Users;

namespace Throughline.Backend.Gateway;

/// <summary>Keeps connections true: closes revoked and expired ones, tells what is degraded, drains at the end.</summary>
internal sealed class ConnectionWatch(
    ConnectionRegistry connections, ClosedSockets closed, Revocations revocations, LiveAnswers answers, Degradations degradations, IHostApplicationLifetime lifetime, TimeProvider time)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(3);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // At the very first sign of the end: while the server still lets answers out.
        lifetime.ApplicationStopping.Register(connections.Drain);
        return Task.CompletedTask;
    }

    /// <summary>Before any part of the service stops: sockets get their close, and whoever comes now is told to come back instead of finding nobody.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        connections.Drain();
        var began = time.GetTimestamp();
        while (connections.Count > 0 && time.GetElapsedTime(began) < DrainWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        revocations.Changed += OnRevoked;
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                connections.Sweep();
                foreach (var change in degradations.Changes()) connections.SendToAll(change);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        finally
        {
            revocations.Changed -= OnRevoked;
        }
    }

    private void OnRevoked(Guid userId)
    {
        var count = connections.CloseRevoked(userId, revocations);
        if (count > 0 && revocations.IsDeleted(userId)) closed.Add(userId, count);
        answers.CutRevoked(userId, revocations);
    }
}
