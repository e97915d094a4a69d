using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Throughline.Auth.Accounts;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Factors;

/// <summary>Asks a signed-in user for the password again, before what an open browser alone must not do.</summary>
internal sealed class PasswordConfirmation(PasswordWork passwords, FailedLogins failures, AuditLog audit)
{
    /// <param name="for">The event that a wrong password is audited as: what it was to allow.</param>
    /// <returns>Null where the password is right, else the answer.</returns>
    public async Task<ProblemHttpResult?> CheckAsync(HttpContext context, string? password, string @for, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(password)) return Problems.Invalid("password", "Enter your password.");
        var (device, user) = (Device.Of(context), context.LiveSession().User);

        // Counted with failed sign-ins: an open browser is no way around their limits.
        if (await failures.WaitForAsync(device, user.Email!, cancellationToken) is { } wait) return AccountProblems.TooMany(context, wait);
        var verified = await passwords.VerifyAsync(user, password, cancellationToken);
        if (verified is null) return AccountProblems.Busy(context);
        if (await failures.WaitForAsync(device, user.Email!, cancellationToken) is { } late) return AccountProblems.TooMany(context, late);
        if (verified != PasswordVerificationResult.Failed)
        {
            failures.Forgive(device, user.Email!);
            return null;
        }

        failures.Charge(device, user.Email!);
        await audit.WriteAsync(new(@for, AuditOutcome.Failure, user.Id, Detail: "The password given to confirm it was not right."), CancellationToken.None);
        return FactorProblems.WrongPassword();
    }
}
