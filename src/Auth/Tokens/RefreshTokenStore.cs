using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;

namespace Throughline.Auth.Tokens;

/// <summary>
/// Refresh tokens, rotated at each use. OpenIddict's own rotation lets several of eight concurrent uses succeed, so the chain is
/// kept here: the uses of one session's tokens take turns, and a token is redeemed in the transaction that adds its successor.
/// </summary>
/// <remarks>
/// A successor is derived from its predecessor with a key that never leaves auth. So whoever repeats a refresh in time can be given
/// the same successor although no token is stored, only hashes.
/// </remarks>
internal sealed class RefreshTokenStore(
    AuthDb db, DatabaseWriter writer, SessionStore sessions, MasterKey master, IOptions<TokenLifetimes> lifetimes, TimeProvider time)
{
    /// <summary>Tells a refresh token from all else, for people and for secret scanners.</summary>
    public const string Prefix = "tlr_";

    private readonly byte[] _successionKey = master.Derive("refresh token succession");

    /// <summary>Begins a chain.</summary>
    public async Task<string> IssueAsync(Session session, string clientId, string scope, CancellationToken cancellationToken)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        db.RefreshTokens.Add(RowFor(token, session, clientId, scope));
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return token;
    }

    /// <summary>The token's row, redeemed or not; null for one that is not ours, expired, or whose session is revoked.</summary>
    public async Task<RefreshToken?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (hash, now) = (HashOf(token), time.GetUtcNow());
        return await db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Hash == hash && t.ExpiresAt > now, cancellationToken);
    }

    /// <summary>Exchanges a token for its successor; null where it is refused. A reuse that is no mere repeat revokes the session.</summary>
    public async Task<string?> RedeemAsync(string token, LiveSession live, Device device, CancellationToken cancellationToken)
    {
        var (use, successor) = await UseAsync(token, live.Session, device, cancellationToken);
        // Once a reuse, always a reuse: what is decided here still holds in the transaction that revokes.
        if (use == TokenUse.Reuse) await sessions.RevokeReusedAsync(live.User.Id, live.Session.Id, cancellationToken);
        return successor;
    }

    private async Task<(TokenUse Use, string? Successor)> UseAsync(string token, Session session, Device device, CancellationToken cancellationToken)
    {
        var (hash, now) = (HashOf(token), time.GetUtcNow());
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        // The session's row first, as its revocation does: whoever holds it is alone with the chain, and none waits for the other in a circle.
        var live = await db.Sessions.Where(s => s.Id == session.Id && s.RevokedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LastSeenAt, now).SetProperty(s => s.Address, device.Address).SetProperty(s => s.UserAgent, device.UserAgent),
            cancellationToken);
        var row = live == 0 ? null : await db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Hash == hash && t.ExpiresAt > now, cancellationToken);
        if (row is null) return (TokenUse.Over, null);
        if (row.RedeemedAt is { } redeemed && !await IsRepeatAsync(row, redeemed, cancellationToken)) return (TokenUse.Reuse, null);

        var successor = SuccessorOf(token);
        if (row.RedeemedAt is null) await RedeemAsync(row, session, successor, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return (row.RedeemedAt is null ? TokenUse.First : TokenUse.Repeat, successor);
    }

    private async Task RedeemAsync(RefreshToken row, Session session, string successor, CancellationToken cancellationToken)
    {
        var (now, successorHash) = (time.GetUtcNow(), HashOf(successor));
        var redeemed = await db.RefreshTokens.Where(t => t.Hash == row.Hash && t.RedeemedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(t => t.RedeemedAt, now).SetProperty(t => t.Successor, successorHash), cancellationToken);
        if (redeemed != 1) throw new InvalidOperationException("A refresh token was redeemed by two at once."); // the session's row forbids it
        db.RefreshTokens.Add(RowFor(successor, session, row.ClientId, row.Scope));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whether the token was redeemed a moment ago and what it gave was not used yet.</summary>
    private async Task<bool> IsRepeatAsync(RefreshToken row, DateTimeOffset redeemed, CancellationToken cancellationToken) =>
        redeemed > time.GetUtcNow() - lifetimes.Value.RefreshRepeat
        && await db.RefreshTokens.AsNoTracking().AnyAsync(s => s.Hash == row.Successor && s.RedeemedAt == null, cancellationToken);

    private RefreshToken RowFor(string token, Session session, string clientId, string scope)
    {
        var end = time.GetUtcNow() + lifetimes.Value.RefreshLifetime;
        return new()
        {
            Hash = HashOf(token),
            SessionId = session.Id,
            ClientId = clientId,
            Scope = scope,
            ExpiresAt = end < session.ExpiresAt ? end : session.ExpiresAt,
        };
    }

    private string SuccessorOf(string token) =>
        Prefix + Base64Url.EncodeToString(HMACSHA256.HashData(_successionKey, Encoding.UTF8.GetBytes(token)));

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

internal enum TokenUse
{
    First,

    /// <summary>Again within moments, while what it gave is unused: two tabs, or an answer that was lost. It gets the same successor.</summary>
    Repeat,

    /// <summary>Again later: somebody else has it. The session is revoked.</summary>
    Reuse,

    /// <summary>Of no session that lives, or expired just now.</summary>
    Over,
}
