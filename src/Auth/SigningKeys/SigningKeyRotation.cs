using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Throughline.Auth.SigningKeys;

/// <summary>Keeps the keys on schedule, and follows what another node on the same database did to them.</summary>
internal sealed partial class SigningKeyRotation(
    IServiceScopeFactory scopes, SigningKeyStore keys, TimeProvider time, ILogger<SigningKeyRotation> logger) : BackgroundService
{
    /// <summary>Shorter than any key is published before it signs, so every node knows a key before one signs with it.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private bool _isFailing;

    /// <summary>Whether the exception means that the database does not answer, not that we have a bug.</summary>
    public static bool IsDatabaseAway(Exception exception) =>
        exception is DbException or DbUpdateException or InvalidOperationException { InnerException: DbException };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<SigningKeyLife>().AdvanceAsync(cancellationToken);
            await keys.LoadAsync(cancellationToken);
            _isFailing = false;
        }
        catch (Exception e) when (IsDatabaseAway(e))
        {
            // The present keys go on; readiness tells of the database.
            if (!_isFailing) Log.Failed(logger, e.Message);
            _isFailing = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The signing keys cannot be looked after just now: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
