using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.ApiKeys;

internal static class ApiKeyEndpoints
{
    public static IServiceCollection AddApiKeys(this IServiceCollection services)
    {
        services.AddScoped<ApiKeyStore>();
        services.AddApiKeyVerification<ApiKeyIssuer>();
        return services;
    }

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/auth/api-keys").RequireLiveSession().WithTags("API keys");
        own.MapPost("", CreateAsync);
        own.MapGet("", ListAsync);
        own.MapDelete("/{id:guid}", RevokeAsync);

        routes.MapPost("/internal/api-keys/exchange", ExchangeAsync).RequireAuthorization(TokenPolicies.Service).WithTags("API keys");
    }

    private static async Task<Results<Created<CreatedApiKey>, ProblemHttpResult>> CreateAsync(
        NewApiKey request, HttpContext context, ApiKeyStore keys, TimeProvider time, CancellationToken cancellationToken)
    {
        if (NewApiKeyRules.Check(request, time.GetUtcNow()) is { } problem) return problem;
        var added = await keys.TryAddAsync(
            context.LiveSession().User.Id, request.Name.Trim(), NewApiKeyRules.ScopesOf(request), request.ExpiresAt, cancellationToken);
        return added is var (row, key)
            ? TypedResults.Created($"/auth/api-keys/{row.Id}", new CreatedApiKey(row.ToSummary(), key))
            : Problems.Of(
                StatusCodes.Status409Conflict, "too_many_api_keys", $"You have {ApiKeyStore.MaxPerUser} keys, which are the most.", "Revoke one that is no longer used.");
    }

    private static async Task<Ok<Page<ApiKeySummary>>> ListAsync(HttpContext context, ApiKeyStore keys, CancellationToken cancellationToken)
    {
        var own = await keys.ListAsync(context.LiveSession().User.Id, cancellationToken);
        return TypedResults.Ok(new Page<ApiKeySummary>(own.ConvertAll(k => k.ToSummary())));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, HttpContext context, ApiKeyStore keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(context.LiveSession().User.Id, id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such key.");

    private static async Task<Ok<ExchangedApiKey>> ExchangeAsync(PresentedApiKey presented, IApiKeyIssuer issuer, CancellationToken cancellationToken) =>
        TypedResults.Ok(await issuer.ExchangeAsync(presented.Key ?? "", cancellationToken));
}
