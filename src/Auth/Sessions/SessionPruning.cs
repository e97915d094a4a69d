using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;

namespace Throughline.Auth.Sessions;

/// <summary>Removes what is over: sessions with their refresh tokens, mail with its codes, and OpenIddict's spent codes. Each hour.</summary>
internal sealed partial class SessionPruning(
    IServiceScopeFactory scopes, MailFolder mail, TimeProvider time, ILogger<SessionPruning> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Kept for a while after its end, so that a token of it is still told from one that never was.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PruneAsync(stoppingToken);
                mail.Prune();
            }
            catch (Exception e) when (e is System.Data.Common.DbException or DbUpdateException or IOException or UnauthorizedAccessException)
            {
                Log.Failed(logger, e); // the next hour tries again
            }
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var now = time.GetUtcNow();
        var end = now - Grace;
        var tokens = await db.RefreshTokens.Where(t => t.ExpiresAt < end).ExecuteDeleteAsync(cancellationToken);
        var sessions = await db.Sessions.Where(s => s.ExpiresAt < end || s.RevokedAt < end).ExecuteDeleteAsync(cancellationToken);
        await db.OneTimeCodes.Where(c => c.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await db.ApiKeys.Where(k => k.RevokedAt < end).ExecuteDeleteAsync(cancellationToken);
        var codes = await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(end, cancellationToken);
        Log.Pruned(logger, sessions, tokens, codes);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Removed {Sessions} sessions, {Tokens} refresh tokens and {Codes} codes that were over")]
        public static partial void Pruned(ILogger logger, int sessions, int tokens, long codes);

        [LoggerMessage(2, LogLevel.Warning, "What is over could not be removed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
