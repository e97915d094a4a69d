using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Accounts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.ApiKeys;

/// <summary>What a key may be called, what it may be good for, and how long.</summary>
internal static class NewApiKeyRules
{
    /// <returns>Null where the request is fine.</returns>
    public static ProblemHttpResult? Check(NewApiKey request, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        if (SignUpRules.CheckName(request.Name ?? "") is { } name) errors["name"] = [name];
        if (request.Scopes is { Count: 0 }) errors["scopes"] = ["Name a scope, or leave the member out."];
        else if (request.Scopes?.FirstOrDefault(s => !ApiKeyScopes.All.Contains(s)) is { } unknown)
            errors["scopes"] = [$"There is no scope {Shown(unknown)}; there are {string.Join(", ", ApiKeyScopes.All)}."];
        else if (request.Scopes?.Contains(null!) == true) errors["scopes"] = ["A scope is a string."];
        if (request.ExpiresAt <= now) errors["expiresAt"] = ["The key would have expired already."];
        return errors.Count > 0 ? Problems.Invalid(errors) : null;
    }

    /// <summary>Each once, in the order of <see cref="ApiKeyScopes.All"/>.</summary>
    public static IEnumerable<string> ScopesOf(NewApiKey request) =>
        request.Scopes is { } scopes ? ApiKeyScopes.All.Where(scopes.Contains) : [ApiKeyScopes.Api];

    private static string Shown(string scope) => scope.Length > 40 ? $"{scope[..40]}…" : scope;
}
