using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;

namespace Throughline.Auth.Factors;

/// <summary>What a sign-in with the right password still lacks.</summary>
/// <param name="Method">How the session will have been begun; see <c>Session.Method</c>.</param>
/// <param name="Refusal">Null where nothing is lacking.</param>
internal readonly record struct SecondFactorVerdict(string Method, ProblemHttpResult? Refusal);

/// <summary>Asked once in a sign-in, after the password was right.</summary>
internal sealed class SecondFactor(FactorCodes codes, AuditLog audit)
{
    private const string PasswordAlone = "password";

    /// <param name="code">Of the authenticator, or a recovery code.</param>
    public async Task<SecondFactorVerdict> CheckAsync(HttpContext context, User user, string? code, CancellationToken cancellationToken)
    {
        if (!user.TwoFactorEnabled) return new(PasswordAlone, null);
        if (string.IsNullOrWhiteSpace(code)) return new(PasswordAlone, FactorProblems.CodeRequired());

        var (method, wait) = await codes.TakeAsync(user, code, cancellationToken);
        if (method is not null) return new(method, null);
        await audit.WriteAsync(
            wait is null
                ? new(AuditEvents.Login, AuditOutcome.Failure, user.Id, Detail: "The code of the second factor was not right.")
                : new(AuditEvents.Login, AuditOutcome.Denied, user.Id, Detail: "Too many wrong codes of the second factor."),
            cancellationToken);
        return new(PasswordAlone, wait is { } rest ? AccountProblems.TooMany(context, rest) : FactorProblems.CodeNotRight());
    }
}
