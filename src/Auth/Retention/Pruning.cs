using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Mail;

namespace Throughline.Auth.Retention;

/// <summary>Removes what is over, a batch at a time: no transaction is long, and between two whoever writes has a turn.</summary>
internal sealed partial class Pruning(
    IServiceScopeFactory scopes, MailFolder mail, RetentionMetrics metrics, IOptions<RetentionOptions> options, TimeProvider time, ILogger<Pruning> logger) : BackgroundService
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    private static readonly (string What, Func<Expiry, CancellationToken, Task<int>> RemoveBatch)[] Kinds =
    [
        ("refresh_tokens", (expiry, stop) => expiry.RefreshTokensAsync(stop)), ("sessions", (expiry, stop) => expiry.SessionsAsync(stop)),
        ("api_keys", (expiry, stop) => expiry.ApiKeysAsync(stop)), ("codes", (expiry, stop) => expiry.CodesAsync(stop)),
        ("grants", (expiry, stop) => expiry.GrantsAsync(stop)), ("changes", (expiry, stop) => expiry.ChangesAsync(stop)),
    ];

    /// <summary>Removes all that is over now.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        foreach (var (what, removeBatch) in Kinds) await RemoveAsync(what, removeBatch, cancellationToken);
        mail.Prune();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception e) when (e is System.Data.Common.DbException or DbUpdateException or IOException or UnauthorizedAccessException)
            {
                Log.Failed(logger, e); // the next time tries again
            }
        }
    }

    private async Task RemoveAsync(string what, Func<Expiry, CancellationToken, Task<int>> removeBatch, CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var count = await removeBatch(scope.ServiceProvider.GetRequiredService<Expiry>(), cancellationToken);
            if (count == 0) break;
            removed += count;
            metrics.Removed(what, count);
            await Task.Delay(Rest, TimeProvider.System, cancellationToken);
        }

        if (removed > 0) Log.Removed(logger, removed, what);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Removed {Count} {What} whose time was over")]
        public static partial void Removed(ILogger logger, int count, string what);

        [LoggerMessage(2, LogLevel.Warning, "What is over could not be removed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}

internal static class RetentionSetup
{
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<RetentionMetrics>();
        services.AddScoped<Expiry>();
        services.AddSingleton<Pruning>();
        services.AddHostedService(provider => provider.GetRequiredService<Pruning>());
        return services;
    }
}
