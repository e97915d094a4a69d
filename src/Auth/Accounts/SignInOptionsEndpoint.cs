using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Auth.Mail;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Accounts;

/// <summary><c>GET /auth/options</c>: what the sign-in pages must know before anybody is signed in.</summary>
internal static class SignInOptionsEndpoint
{
    public static Ok<SignInOptions> Read(HttpContext context, IOptions<MailOptions> mail, MailFolder folder)
    {
        if (mail.Value.HasServer) return TypedResults.Ok(new SignInOptions("smtp", SignUpRules.MinPasswordLength));
        // Only who sits at this machine can open the folder, and nobody else needs to know its path.
        // Behind a reverse proxy everybody comes from it, and names the public origin.
        var isHere = context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && Uri.TryCreate($"{context.Request.Scheme}://{context.Request.Host}", UriKind.Absolute, out var named) && named.IsLoopback;
        return TypedResults.Ok(new SignInOptions("folder", SignUpRules.MinPasswordLength, isHere ? folder.Root : null));
    }
}
