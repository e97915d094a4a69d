using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Admin;
using Throughline.Auth.Erasure;
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
        if (!VersionTag.TryReadIfMatch(context.Request, user.Version, out var version)) return AccountProblems.Changed();
        if (patch.Name is not { } name) return WithTag(context, user);
        if (SignUpRules.CheckName(name) is { } error) return Problems.Invalid("name", error);
        return await accounts.RenameAsync(user.Id, name.Trim(), version, cancellationToken) is { } changed
            ? WithTag(context, changed)
            : AccountProblems.Changed();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        HttpContext context, AccountEraser eraser, CancellationToken cancellationToken)
    {
        switch (await eraser.EraseAsync(context.LiveSession().User, cancellationToken))
        {
            case { IsLastAdmin: true }:
                return AdminProblems.LastAdmin();
            case { Receipt: { } receipt }:
                context.Response.Headers.Location = $"/auth/erasures/{receipt}";
                break;
        }

        await SignInCookie.RemoveAsync(context);
        return TypedResults.NoContent();
    }

    private static Ok<Account> WithTag(HttpContext context, User user)
    {
        context.Response.Headers.ETag = VersionTag.Of(user.Version);
        return TypedResults.Ok(user.ToAccount());
    }
}
