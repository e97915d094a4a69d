using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Auth.Admin;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Accounts;

internal static class SignUpEndpoint
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static async Task<Results<Created<SignUpResponse>, ProblemHttpResult>> SignUpAsync(
        SignUpRequest request, HttpContext context, AccountStore accounts, PasswordWork passwords, AttemptLimits limits, CodeMail mail,
        IOptions<AccountOptions> options, CancellationToken cancellationToken)
    {
        if (SignUpRules.Check(request) is { } problem) return problem;
        if (limits.TryCharge($"sign-up {Device.Of(context).Network}", options.Value.SignUpsPerMinute, Window) is { } wait)
            return AccountProblems.TooMany(context, wait);
        if (FirstAdministrator.IsReserved(request.Email) || await accounts.FindByEmailAsync(request.Email, cancellationToken) is not null)
            return AccountProblems.EmailTaken();

        var user = new User { UserName = request.Email, Email = request.Email, Name = NameOf(request) };
        user.PasswordHash = await passwords.HashAsync(user, request.Password, cancellationToken);
        if (user.PasswordHash is null) return AccountProblems.Busy(context);
        if (!await accounts.TryAddAsync(user, cancellationToken)) return AccountProblems.EmailTaken();
        await mail.SendVerificationAsync(user, cancellationToken);
        return TypedResults.Created("/auth/me", new SignUpResponse(user.Id, user.Email, user.Name, user.Tier));
    }

    private static string NameOf(SignUpRequest request) => request.Name?.Trim() ?? request.Email[..request.Email.IndexOf('@')];
}
