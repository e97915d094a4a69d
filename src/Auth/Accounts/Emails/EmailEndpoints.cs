using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts.Emails;

/// <summary><c>/auth/email/verify</c>: shows that the account's e-mail is its owner's.</summary>
internal static class EmailEndpoints
{
    public static void MapEmails(this IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/auth/email").WithTags("Accounts").MapPost("/verify", VerifyAsync).AllowAnonymous();
        routes.MapGroup("/auth/email/verify").RequireLiveSession().WithTags("Accounts").MapPost("/send", SendAsync);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> VerifyAsync(
        EmailVerification request, HttpContext context, CodeLimits limits, EmailStore emails, AuditLog audit, CancellationToken cancellationToken)
    {
        var device = Device.Of(context);
        if (limits.WaitAfterBadCodes(device) is { } wait) return AccountProblems.TooMany(context, wait);
        // The mail may be opened anywhere; a page that is signed in sends its token, and stays signed in.
        if (await emails.VerifyAsync(request.Code ?? "", context.Features.Get<AccessToken>(), cancellationToken)) return TypedResults.NoContent();
        limits.ChargeBadCode(device);
        await audit.WriteAsync(new(AuditEvents.EmailVerified, AuditOutcome.Failure, null, Detail: "The code is spent, expired or made up."), CancellationToken.None);
        return AccountProblems.SpentCode();
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> SendAsync(
        HttpContext context, CodeLimits limits, CodeMail mail, CancellationToken cancellationToken)
    {
        var user = context.LiveSession().User;
        if (user.EmailConfirmed) return AccountProblems.AlreadyVerified();
        if (limits.TryMailVerification(user.Id) is { } wait) return AccountProblems.TooMany(context, wait);
        await mail.SendVerificationAsync(user, cancellationToken);
        return TypedResults.Accepted((string?)null);
    }
}
