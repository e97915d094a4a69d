using Microsoft.Extensions.Configuration;
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

    private sealed class StoreProbe(KeyValueStore store, ServiceIdentity identity, IConfiguration configuration, StateFolder state) : IDependencyProbe
    {
        // Below readiness' own limit: a store that hangs degrades, as one that is gone does.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

        private const string Keep = "return redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])";

        private bool _wasWell = true;

        public string Name => "store";

        public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                var database = await store.ConnectAsync(limit.Token).AsTask().WaitAsync(limit.Token);
                // By a script that writes, as limits do: a store that is full, or a copy, answers every PING, and one may forbid scripts alone.
                await database.ScriptEvaluateAsync(Keep, [StoreKeys.Probe(identity.Instance)], [(long)Kept.TotalMilliseconds]).WaitAsync(limit.Token);
                if (!Interlocked.Exchange(ref _wasWell, true)) store.NoteTakesWrites();
                return new DependencyHealth(HealthStatus.Healthy, 0);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Degraded($"No answer within {Patience.TotalSeconds} s.");
            }
            catch (Exception e) when (e is RedisException or StoreUnavailableException or TimeoutException)
            {
                return Degraded(StoreFault.Of(e, store.Address, configuration, state));
            }
        }

        private DependencyHealth Degraded(string why)
        {
            Volatile.Write(ref _wasWell, false);
            return new DependencyHealth(HealthStatus.Degraded, 0, why);
        }
    }

    /// <summary>
    /// Follows a store that moves for those who only listen and so never ask for its address. Until it was reached for the first time it
    /// also finds out whether the store takes our password: if not, the service cannot go on, and ends with exit code 4.
    /// </summary>
    private sealed class StoreFollower(
        KeyValueStore store, IConfiguration configuration, StateFolder state, StartFailures failures, TimeProvider time) : BackgroundService
    {
        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            try
            {
                var isReached = await ReachAsync(stoppingToken);
                while (await timer.WaitForNextTickAsync(stoppingToken))
                {
                    if (!isReached) isReached = await ReachAsync(stoppingToken);
                    if (store.HasSubscriptions) await FollowAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The service stops.
            }
        }

        private async Task<bool> ReachAsync(CancellationToken cancellationToken)
        {
            try
            {
                await (await store.ConnectAsync(cancellationToken)).PingAsync().WaitAsync(cancellationToken);
                return true;
            }
            catch (Exception e) when (e is RedisException or StoreUnavailableException or TimeoutException)
            {
                if (!StoreFault.IsRefusal(e)) return false;
                failures.End(new StartupException(ExitCode.Store, StoreFault.Of(e, store.Address, configuration, state)));
                return true;
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
