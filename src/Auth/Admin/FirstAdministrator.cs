using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Admin;

/// <summary>
/// Makes the first administrator, whose password is the text of <c>secrets/admin-password</c>, where there is none. Hashing takes a
/// moment, so it happens once the service is up; until then, and after, nobody can sign up under this e-mail.
/// </summary>
internal sealed partial class FirstAdministrator(
    IServiceScopeFactory scopes, StateFolder state, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FirstAdministrator> logger) : BackgroundService
{
    public const string Email = "admin@throughline.local";
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    public static bool IsReserved(string email) => string.Equals(email, Email, StringComparison.OrdinalIgnoreCase);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (state.TryReadSecret("admin-password") is not { } password) return;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var isStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        while (!await TryMakeAsync(password, stoppingToken)) await Task.Delay(TryAgain, time, stoppingToken);
    }

    private async Task<bool> TryMakeAsync(string password, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            if (await scope.ServiceProvider.GetRequiredService<Administrators>().AnyAsync(cancellationToken)) return true;
            var user = new User { UserName = Email, Email = Email, Name = "Administrator", Role = Standing.AdminRole, EmailConfirmed = true };
            user.PasswordHash = await scope.ServiceProvider.GetRequiredService<PasswordWork>().HashAsync(user, password, cancellationToken);
            if (user.PasswordHash is null) return false;
            // Another auth on the same database may be faster; the e-mail is there once.
            if (await scope.ServiceProvider.GetRequiredService<AccountStore>().TryAddAsync(user, cancellationToken)) Log.Made(logger, user.Id);
            return true;
        }
        catch (Exception e) when (e is DbException or DbUpdateException)
        {
            Log.Failed(logger, e);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Made the first administrator, user {UserId}; the password is in secrets/admin-password")]
        public static partial void Made(ILogger logger, Guid userId);

        [LoggerMessage(2, LogLevel.Warning, "The first administrator could not be made; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
