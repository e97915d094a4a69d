using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

internal static class LoginEndpoint
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static async Task<Results<NoContent, ProblemHttpResult>> LogInAsync(
        LoginRequest request, HttpContext context, OwnOrigins origins, AccountStore accounts, SessionStore sessions,
        PasswordWork passwords, FailedLogins failures, CancellationToken cancellationToken)
    {
        if (!await origins.AllowAsync(context.Request, cancellationToken)) return AccountProblems.ForeignOrigin();
        if (string.IsNullOrEmpty(request.Email)) return Problems.Invalid("email", "Enter your e-mail address.");
        if (string.IsNullOrEmpty(request.Password)) return Problems.Invalid("password", "Enter your password.");

        var device = Device.Of(context);
        if (failures.WaitFor(device, request.Email) is { } wait) return AccountProblems.TooMany(context, wait);

        // The same steps, the costly one included, whether or not there is such an account.
        var user = await accounts.FindByEmailAsync(request.Email, cancellationToken);
        var verified = request.Password.Length > SignUpRules.MaxPasswordLength
            ? PasswordVerificationResult.Failed
            : await passwords.VerifyAsync(user, request.Password, cancellationToken);
        if (verified is null) return AccountProblems.Busy(context);
        if (verified == PasswordVerificationResult.Failed || user is null or { IsDisabled: true })
        {
            failures.Charge(device, request.Email);
            return AccountProblems.InvalidCredentials();
        }

        if (verified == PasswordVerificationResult.SuccessRehashNeeded
            && await passwords.HashAsync(user, request.Password, cancellationToken) is { } hash)
            await accounts.RehashAsync(user.Id, hash, cancellationToken);
        await SignInCookie.LeaveAsync(context, await sessions.BeginAsync(user.Id, device, cancellationToken));
        return TypedResults.NoContent();
    }

    /// <summary>The two limits of failed sign-ins: one address at one account, and one address at all of them.</summary>
    internal sealed class FailedLogins(AttemptLimits limits, ILookupNormalizer normalizer, IOptions<AccountOptions> options)
    {
        public TimeSpan? WaitFor(Device device, string email) =>
            limits.WaitFor(AccountKey(device, email), options.Value.FailedLoginsPerAccount, Window)
            ?? limits.WaitFor(AddressKey(device), options.Value.FailedLoginsPerAddress, Window);

        public void Charge(Device device, string email)
        {
            limits.Charge(AccountKey(device, email), Window);
            limits.Charge(AddressKey(device), Window);
        }

        // By address too: else anybody could lock somebody else out.
        private string AccountKey(Device device, string email) => $"login {device.Address} {normalizer.NormalizeEmail(email)}";

        private static string AddressKey(Device device) => $"login {device.Address}";
    }
}
