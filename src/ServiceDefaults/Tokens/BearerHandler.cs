using System.Security.Claims;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Which tokens a scheme takes.</summary>
internal sealed class BearerOptions : AuthenticationSchemeOptions
{
    /// <summary>Takes services' tokens instead of users'.</summary>
    public bool ForServices { get; set; }
}

/// <summary><c>Authorization: Bearer …</c> (RFC 6750) through the one verifier. A token is never taken from a query or a form.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<BearerOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    AccessTokenVerifier verifier, IProblemDetailsService problems) : AuthenticationHandler<BearerOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";
    private string? _refusal;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0) return AuthenticateResult.NoResult();

        // Two of them, or another scheme: nothing here can be trusted to mean one caller.
        var value = header.Count == 1 ? header[0]! : "";
        if (!value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return Refuse(Refusals.Malformed);

        var token = value[Prefix.Length..];
        var verdict = Options.ForServices
            ? await verifier.VerifyServiceAsync(token, Context.RequestAborted)
            : await verifier.VerifyAsync(token, Context.RequestAborted);
        if (verdict.Token is not { } accessToken) return Refuse(verdict.Reason!);

        Context.Features.Set(accessToken);
        return AuthenticateResult.Success(new(PrincipalOf(accessToken), Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        if (_refusal == Refusals.Unavailable)
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Response.Headers.RetryAfter = "2";
            await WriteAsync(("unavailable", "API keys cannot be checked just now. Try again in a moment."));
            return;
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = _refusal is null or Refusals.Missing
            ? "Bearer"
            : $"Bearer error=\"invalid_token\", error_description=\"{_refusal}\"";
        await WriteAsync(_refusal is null or Refusals.Missing
            ? ("no_token", "Sign in first: this needs a bearer token.")
            : ("invalid_token", "The access token is not accepted."));
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        await WriteAsync(("forbidden", "Your account may not do this."));
    }

    private AuthenticateResult Refuse(string reason)
    {
        _refusal = reason;
        return AuthenticateResult.Fail(reason);
    }

    private async Task WriteAsync((string Code, string Title) problem) =>
        // A client that accepts no problem documents gets the status and the header alone.
        await problems.TryWriteAsync(new()
        {
            HttpContext = Context,
            ProblemDetails = new ProblemDetails
            {
                Status = Response.StatusCode,
                Title = problem.Title,
                Extensions = { ["code"] = problem.Code },
            },
        });

    private ClaimsPrincipal PrincipalOf(AccessToken token) => new(new ClaimsIdentity(
        token.IsService
            ? [new("client_id", token.ClientId)]
            :
            [
                new("sub", token.UserId.ToString()), new("sid", token.SessionId.ToString()), new("client_id", token.ClientId),
                new("role", token.Role),
            ],
        Scheme.Name, nameType: token.IsService ? "client_id" : "sub", roleType: "role"));
}
