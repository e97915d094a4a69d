using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Finds a socket's token: the Authorization header, the subprotocol <c>bearer.…</c>, or <c>?ticket=</c>. A token in the query is no token.</summary>
internal sealed class SocketCredentials(AccessTokenVerifier verifier, IRevocations revocations, Tickets tickets, TimeProvider time)
{
    private const string HeaderPrefix = "Bearer ";
    private const string ProtocolPrefix = "bearer.";

    /// <returns>The token, or why the socket is closed.</returns>
    public async Task<(AccessToken? Token, CloseReason? Refusal)> FindAsync(HttpContext context)
    {
        if (TokenOf(context) is { } token)
        {
            var verdict = await verifier.VerifyAsync(token, context.RequestAborted);
            return verdict switch
            {
                { Token: { } good } => Admit(good),
                { Reason: Refusals.Unavailable } => (null, CloseReason.InvalidToken("API keys cannot be checked just now")),
                _ => (null, CloseReason.InvalidToken(verdict.Reason!)),
            };
        }

        var ticket = context.Request.Query["ticket"];
        return ticket.Count == 0 ? (null, CloseReason.NoToken) : await RedeemAsync(ticket.ToString(), context.RequestAborted);
    }

    private static (AccessToken?, CloseReason?) Admit(AccessToken token) =>
        SocketScopes.Allows(token) ? (token, null) : (null, CloseReason.InvalidToken(Refusals.InsufficientScope));

    private static string? TokenOf(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)) return header[HeaderPrefix.Length..].Trim();
        if (header.Length > 0 && !header.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return header;
        return context.WebSockets.WebSocketRequestedProtocols
            .FirstOrDefault(p => p.StartsWith(ProtocolPrefix, StringComparison.Ordinal))?[ProtocolPrefix.Length..];
    }

    private async Task<(AccessToken?, CloseReason?)> RedeemAsync(string ticket, CancellationToken cancellationToken)
    {
        try
        {
            var token = await tickets.RedeemAsync(ticket, cancellationToken);
            return token is null || token.ExpiresAt <= time.GetUtcNow() ? (null, CloseReason.InvalidToken("ticket"))
                : revocations.IsRevoked(token) ? (null, CloseReason.InvalidToken(Refusals.Revoked))
                : (token, null);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e))
        {
            return (null, CloseReason.InvalidToken("tickets cannot be checked just now"));
        }
    }
}
