using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>What the operator sees of the keys and does with them, and what a verifier asks to know that it holds the right ones.</summary>
internal static class SigningKeyEndpoints
{
    public static void MapSigningKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/internal/keys").RequireAuthorization(TokenPolicies.Operator).WithTags("SigningKeys");
        keys.MapGet("", ListAsync);
        keys.MapPost("/rotations", RotateAsync);

        routes.MapPost("/internal/signing/challenge", Prove).RequireAuthorization(TokenPolicies.Service).WithTags("SigningKeys");
    }

    private static async Task<Ok<SigningKeyList>> ListAsync(
        SigningKeyLife life, SigningKeySchedule schedule, IOptions<TokenOptions> options, CancellationToken cancellationToken)
    {
        var keys = await life.ListAsync(cancellationToken);
        return TypedResults.Ok(new SigningKeyList(options.Value.Algorithm.Name, keys.ConvertAll(k => Summarize(k, schedule))));
    }

    private static async Task<Accepted<SigningKeySummary>> RotateAsync(
        KeyRotation rotation, SigningKeyLife life, SigningKeyStore store, SigningKeySchedule schedule, CancellationToken cancellationToken)
    {
        var key = rotation.Compromised ? await life.ReplaceCompromisedAsync(cancellationToken) : await life.BeginRotationAsync(cancellationToken);
        await store.LoadAsync(cancellationToken);
        return TypedResults.Accepted("/internal/keys", Summarize(key, schedule));
    }

    private static Results<Ok<SigningProof>, ProblemHttpResult> Prove(SigningChallenge challenge, SigningProver prover) =>
        prover.Answer(challenge) is { } proof
            ? TypedResults.Ok(proof)
            : Problems.Invalid("nonce", $"A nonce is {SigningStatement.NonceSize} bytes in base64url.");

    private static SigningKeySummary Summarize(SigningKey key, SigningKeySchedule schedule) => new(
        key.Id,
        key.State switch
        {
            SigningKeyState.Published => "published",
            SigningKeyState.Signing => "signing",
            SigningKeyState.Retired => "retired",
        },
        key.CreatedAt, key.StateSince, schedule.EndOf(key.State, key.StateSince));
}
