using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Factors;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Passkeys;

/// <summary><c>/auth/passkeys</c>: a signed-in user's own.</summary>
internal static class PasskeyEndpoints
{
    private const int MaxNameLength = 60;

    public static async Task<Results<Ok<PasskeyChallenge>, ProblemHttpResult>> ChallengeAsync(
        PasswordProof proof, HttpContext context, PasswordConfirmation confirmation, IPasskeyHandler<User> handler, PasskeyStore store,
        PasskeyStates states, CancellationToken cancellationToken)
    {
        if (await confirmation.CheckAsync(context, proof.Password, AuditEvents.PasskeyChanged, cancellationToken) is { } refusal) return refusal;
        var user = context.LiveSession().User;
        if (!await store.HasRoomAsync(user.Id, cancellationToken)) return PasskeyProblems.TooMany();
        var made = await handler.MakeCreationOptionsAsync(new() { Id = user.Id.ToString(), Name = user.Email!, DisplayName = user.Name }, context);
        return TypedResults.Ok(new PasskeyChallenge(
            states.Seal(made.AttestationState!, PasskeyStates.Adding), JsonElement.Parse(made.CreationOptionsJson)));
    }

    public static async Task<Results<Created<PasskeySummary>, ProblemHttpResult>> AddAsync(
        PasskeyAnswer answer, HttpContext context, PasskeyStore store, PasskeyStates states, AuditLog audit, FactorNotice notice,
        CancellationToken cancellationToken)
    {
        var name = string.IsNullOrWhiteSpace(answer.Name) ? "Passkey" : answer.Name.Trim();
        if (name.Length > MaxNameLength || name.Any(char.IsControl))
            return Problems.Invalid("name", $"Use at most {MaxNameLength} characters, none of them a control character.");

        var live = context.LiveSession();
        var added = states.Open(answer.State, PasskeyStates.Adding) is { } state && answer.Credential.ValueKind == JsonValueKind.Object
            ? await store.AddAsync(context, live, state, answer.Credential.GetRawText(), name, cancellationToken)
            : null;
        if (added is not null)
        {
            await notice.SendAsync(context, $"A passkey, “{added.Name}”, was added to your account.");
            return TypedResults.Created($"/auth/passkeys/{added.Id}", added);
        }

        await audit.WriteAsync(new(AuditEvents.PasskeyChanged, AuditOutcome.Failure, live.User.Id, Detail: "A passkey was not accepted."), cancellationToken);
        return PasskeyProblems.NotAccepted();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string id, HttpContext context, PasskeyStore store, FactorNotice notice, CancellationToken cancellationToken)
    {
        if (!Base64Url.IsValid(id) || !await store.RemoveAsync(context.LiveSession(), Base64Url.DecodeFromChars(id), cancellationToken))
            return PasskeyProblems.NotFound();
        await notice.SendAsync(context, "A passkey was removed from your account.");
        return TypedResults.NoContent();
    }
}
