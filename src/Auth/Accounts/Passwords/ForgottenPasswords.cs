using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Accounts.Passwords;

/// <param name="Email">As it was typed.</param>
internal sealed record ForgottenPassword(string Email, Device From);

/// <summary>
/// Answers requests for a new password after they were answered: each second it looks up, for all that have come, whose e-mail it is, and
/// mails a code. So the work that only a known e-mail causes shares no moment with the request that caused it.
/// </summary>
internal sealed partial class ForgottenPasswords(
    IServiceScopeFactory scopes, AttemptLimits limits, IOptions<AccountOptions> options, TimeProvider time, ILogger<ForgottenPasswords> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Channel<ForgottenPassword> _asked = Channel.CreateBounded<ForgottenPassword>(1_000);

    /// <returns>False where too many wait already.</returns>
    public bool TryAccept(ForgottenPassword asked) => _asked.Writer.TryWrite(asked);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            while (_asked.Reader.TryRead(out var asked))
            {
                try
                {
                    await AnswerAsync(asked, stoppingToken);
                }
                catch (Exception e) when (e is DbException or DbUpdateException)
                {
                    Log.Failed(logger, e); // whoever gets no mail asks again
                }
            }
    }

    private async Task AnswerAsync(ForgottenPassword asked, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var user = await services.GetRequiredService<AccountStore>().FindByEmailAsync(asked.Email, cancellationToken);
        var refusal = RefusalOf(user);
        string? code = null;
        await using (var write = await services.GetRequiredService<DatabaseWriter>().BeginAsync(cancellationToken))
        {
            if (refusal is null) code = await services.GetRequiredService<OneTimeCodes>().IssueAsync(user!.Id, OneTimeCodes.ResetPassword, cancellationToken);
            await services.GetRequiredService<AuditLog>().AddAsync(
                new(AuditEvents.PasswordForgotten, refusal?.Outcome ?? AuditOutcome.Success, user?.Id, Detail: refusal?.Why, From: asked.From), cancellationToken);
            await write.CommitAsync(cancellationToken);
        }
        if (code is not null) await services.GetRequiredService<CodeMail>().SendResetAsync(user!, code, cancellationToken);
    }

    /// <returns>Why no mail is sent; null where one is.</returns>
    private Refusal? RefusalOf(User? user)
    {
        if (user is null) return new(AuditOutcome.Failure, "No account has this e-mail.");
        if (user.IsDisabled) return new(AuditOutcome.Denied, "The account is disabled.");
        // Said to nobody: whoever floods a mailbox must not learn that it is one, and the last mail's code still works.
        return limits.TryCharge($"reset {user.Id}", options.Value.MailsPerAccount, CodeLimits.Window) is null
            ? null
            : new(AuditOutcome.Denied, "Too many mails in a short time.");
    }

    private sealed record Refusal(AuditOutcome Outcome, string Why);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A request for a new password was lost")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
