using System.Data.Common;
using Microsoft.Extensions.Options;
using Throughline.Backend.Files.Contents;

namespace Throughline.Backend.Retention;

/// <summary>Removes what is over, a batch at a time: no transaction is long, and between two whoever writes has a turn.</summary>
internal sealed partial class Pruning(Expiry expiry, RetentionMetrics metrics, IOptions<RetentionOptions> options, TimeProvider time, ILogger<Pruning> logger) : BackgroundService
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RemoveAsync("requests", expiry.RequestsAsync, stoppingToken);
                await RemoveAsync("nodes", expiry.NodesAsync, stoppingToken);
                await RemoveAsync("threads", expiry.ThreadsAsync, stoppingToken);
                await RemoveAsync("files", expiry.FilesAsync, stoppingToken);
                await RemoveAsync("contents", expiry.ContentsAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task RemoveAsync(string what, Func<CancellationToken, Task<int>> removeBatch, CancellationToken stoppingToken)
    {
        var removed = 0;
        try
        {
            while (await removeBatch(stoppingToken) is > 0 and var count)
            {
                removed += count;
                metrics.Removed(what, count);
                await Task.Delay(Rest, time, stoppingToken);
            }
        }
        catch (Exception e) when (e is DbException or ContentAwayException or IOException or OrleansException or TimeoutException)
        {
            Log.Postponed(logger, what, e.Message);
        }

        if (removed > 0) Log.Removed(logger, removed, what);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Removed {Count} {What} whose time was over")]
        public static partial void Removed(ILogger logger, int count, string what);

        [LoggerMessage(2, LogLevel.Warning, "What is over of {What} could not be removed now: {Reason}")]
        public static partial void Postponed(ILogger logger, string what, string reason);
    }
}

internal static class RetentionSetup
{
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<RetentionMetrics>();
        services.AddSingleton<Expiry>();
        services.AddHostedService<Pruning>();
        return services;
    }
}
