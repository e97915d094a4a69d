using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts;
using Throughline.Auth.Accounts.Throttling;
using Throughline.Auth.Audit;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Passkeys;

/// <summary><c>/auth/passkeys/login</c>: who signs in is told by the passkey itself.</summary>
internal static class PasskeyLoginEndpoints
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static async Task<Ok<PasskeyChallenge>> ChallengeAsync(HttpContext context, IPasskeyHandler<User> handler, PasskeyStates states)
    {
        var made = await handler.MakeRequestOptionsAsync(null, context);
        return TypedResults.Ok(new PasskeyChallenge(
            states.Seal(made.AssertionState!, PasskeyStates.LoggingIn), JsonElement.Parse(made.RequestOptionsJson)));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> LogInAsync(
        PasskeyAnswer answer, HttpContext context, OwnOrigins origins, PasskeyStates states, PasskeyLogin login, AttemptLimits limits, LoginLimit attempts,
        AuditLog audit, IOptions<PasskeyOptions> options, CancellationToken cancellationToken)
    {
        if (!await origins.AllowAsync(context.Request, cancellationToken)) return AccountProblems.ForeignOrigin();
        var key = $"passkey {Device.Of(context).Address}";
        if (limits.WaitFor(key, options.Value.FailedLoginsPerAddress, Window) is { } wait) return AccountProblems.TooMany(context, wait);
        await using var attempt = await attempts.BeginAsync(context, Device.Of(context), null, cancellationToken);
        if (attempt.Refusal is { } refused) return refused;

        var session = states.Open(answer.State, PasskeyStates.LoggingIn) is { } state && answer.Credential.ValueKind == JsonValueKind.Object
            ? await login.BeginAsync(context, state, answer.Credential.GetRawText(), cancellationToken)
            : null;
        if (session is null)
        {
            limits.Charge(key, Window);
            attempt.Fail();
            await audit.WriteAsync(new(AuditEvents.Login, AuditOutcome.Failure, UserId: null, Detail: "A passkey was not accepted."), cancellationToken);
            return PasskeyProblems.NotKnown();
        }
        await SignInCookie.LeaveAsync(context, session);
        return TypedResults.NoContent();
    }
}
