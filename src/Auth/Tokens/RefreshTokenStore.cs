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
/// kept here: one atomic update decides who redeems a token, and its successor is in the same transaction.
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
        var hash = HashOf(token);
        if (await TryRedeemAsync(token, hash, live.Session, device, cancellationToken) is { } successor) return successor;
        if (await IsRepeatAsync(hash, cancellationToken)) return SuccessorOf(token);

        await sessions.RevokeAsync(live.User.Id, live.Session.Id, cancellationToken);
        return null;
    }

    private async Task<string?> TryRedeemAsync(
        string token, byte[] hash, Session session, Device device, CancellationToken cancellationToken)
    {
        var (now, successor) = (time.GetUtcNow(), SuccessorOf(token));
        var successorHash = HashOf(successor);
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        var redeemed = await db.RefreshTokens.Where(t => t.Hash == hash && t.RedeemedAt == null && t.ExpiresAt > now).ExecuteUpdateAsync(
            set => set.SetProperty(t => t.RedeemedAt, now).SetProperty(t => t.Successor, successorHash), cancellationToken);
        if (redeemed == 0) return null;

        // The revocation of a session takes the same row, so either it sees this successor or this sees the revocation.
        var seen = await db.Sessions.Where(s => s.Id == session.Id && s.RevokedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LastSeenAt, now).SetProperty(s => s.Address, device.Address).SetProperty(s => s.UserAgent, device.UserAgent),
            cancellationToken);
        if (seen == 0) return null;

        var (clientId, scope) = await db.RefreshTokens.Where(t => t.Hash == hash)
            .Select(t => new ValueTuple<string, string>(t.ClientId, t.Scope)).SingleAsync(cancellationToken);
        db.RefreshTokens.Add(RowFor(successor, session, clientId, scope));
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return successor;
    }

    /// <summary>Whether the token was redeemed a moment ago and what it gave was not used yet.</summary>
    private async Task<bool> IsRepeatAsync(byte[] hash, CancellationToken cancellationToken)
    {
        var earliest = time.GetUtcNow() - lifetimes.Value.RefreshRepeat;
        return await db.RefreshTokens.AsNoTracking()
            .Where(t => t.Hash == hash && t.RedeemedAt > earliest)
            .AnyAsync(t => db.RefreshTokens.Any(s => s.Hash == t.Successor && s.RedeemedAt == null), cancellationToken);
    }

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
