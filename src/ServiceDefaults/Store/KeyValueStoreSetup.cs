using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

public static class KeyValueStoreSetup
{
    /// <summary>Adds <see cref="KeyValueStore"/> and its readiness probe <c>store</c> (degraded, not unhealthy, while it is away).</summary>
    public static IServiceCollection AddKeyValueStore(this IServiceCollection services)
    {
        services.TryAddSingleton<KeyValueStore>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IDependencyProbe, StoreProbe>());
        services.AddHostedService<StoreFollower>();
        return services;
    }

    private sealed class StoreProbe(KeyValueStore store) : IDependencyProbe
    {
        public string Name => "store";

        public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
        {
            try
            {
                var database = await store.ConnectAsync(cancellationToken);
                await database.PingAsync().WaitAsync(cancellationToken);
                return new DependencyHealth(HealthStatus.Healthy, 0);
            }
            catch (Exception e) when (e is RedisException or StoreUnavailableException or TimeoutException)
            {
                return new DependencyHealth(HealthStatus.Degraded, 0, e.Message);
            }
        }
    }

    /// <summary>Follows a store that moves for those who only listen and so never ask for its address.</summary>
    private sealed class StoreFollower(KeyValueStore store, TimeProvider time) : BackgroundService
    {
        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            try
            {
                while (await timer.WaitForNextTickAsync(stoppingToken))
                    if (store.HasSubscriptions)
                        await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The service stops.
            }
        }

        private async Task FollowAsync(CancellationToken cancellationToken)
        {
            try
            {
                await store.MultiplexerAsync(cancellationToken);
            }
            catch (Exception e) when (e is RedisException or StoreUnavailableException)
            {
                // Away: readiness says so, and the next look finds it.
            }
        }
    }
}
