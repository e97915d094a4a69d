using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts;

/// <summary><c>/auth/me</c>. Its ETag is the account's version.</summary>
internal static class ProfileEndpoints
{
    public static Ok<Account> Read(HttpContext context) => WithTag(context, context.LiveSession().User);

    public static async Task<Results<Ok<Account>, ProblemHttpResult>> ChangeAsync(
        AccountPatch patch, HttpContext context, AccountStore accounts, CancellationToken cancellationToken)
    {
        var user = context.LiveSession().User;
        if (!TryReadIfMatch(context.Request, user.Version, out var version)) return AccountProblems.Changed();
        if (patch.Name is not { } name) return WithTag(context, user);
        if (SignUpRules.CheckName(name) is { } error) return Problems.Invalid("name", error);
        return await accounts.RenameAsync(user.Id, name.Trim(), version, cancellationToken) is { } changed
            ? WithTag(context, changed)
            : AccountProblems.Changed();
    }

    public static async Task<NoContent> DeleteAsync(HttpContext context, AccountStore accounts, CancellationToken cancellationToken)
    {
        await accounts.DeleteAsync(context.LiveSession().User, cancellationToken);
        await SignInCookie.RemoveAsync(context);
        return TypedResults.NoContent();
    }

    /// <param name="version">The version that must still be there at the write; null without a condition.</param>
    private static bool TryReadIfMatch(HttpRequest request, long current, out long? version)
    {
        var condition = request.GetTypedHeaders().IfMatch;
        version = condition.Count == 0 || condition.Any(tag => tag.Tag == "*") ? null : current;
        if (request.Headers.IfMatch.Count > 0 && condition.Count == 0) return false; // a tag that is none matches nothing
        return version is null || condition.Any(tag => !tag.IsWeak && tag.Tag == TagOf(current));
    }

    private static Ok<Account> WithTag(HttpContext context, User user)
    {
        context.Response.Headers.ETag = TagOf(user.Version);
        return TypedResults.Ok(user.ToAccount());
    }

    private static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
}
