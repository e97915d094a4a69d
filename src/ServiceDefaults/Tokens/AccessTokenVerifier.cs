using System.Buffers;
using System.Text;

using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The one verifier of access tokens, for HTTP and WebSocket alike: RFC 9068, RFC 8725. Everything is pinned (one algorithm, at+jwt,
/// issuer, audience), nothing is taken from the token but a key id. It never throws for a bad token and logs nothing about one.
/// </summary>
public sealed class AccessTokenVerifier(
    IVerificationKeySource keys, IRevocations revocations, IOptions<TokenOptions> options, TimeProvider time,
    ApiKeyExchange? apiKeys = null)
{
    private readonly VerifiedTokens _verified = new();
    private readonly string _issuer = options.Value.Issuer;
    private readonly TokenAlgorithm _algorithm = options.Value.Algorithm;
    private readonly VerificationKeys? _shared = options.Value.Secret is { } secret ? VerificationKeys.Of(secret) : null;

    /// <summary>With a shared secret auth's published keys verify no access token, whatever it says of itself.</summary>
    private VerificationKeys Keys => _shared ?? keys.Current;

    /// <summary>Verifies a user's token; one that was issued to a service is refused for its audience.</summary>
    public ValueTask<TokenVerdict> VerifyAsync(string? token, CancellationToken cancellationToken) =>
        apiKeys is not null && ApiKeyText.IsOne(token)
            ? VerifyKeyAsync(token!, apiKeys, cancellationToken)
            : VerifyAsync(token, TokenOptions.Audience, cancellationToken);

    /// <summary>Verifies a service's own token, as <c>/internal</c> routes require; a user's is refused for its audience.</summary>
    public ValueTask<TokenVerdict> VerifyServiceAsync(string? token, CancellationToken cancellationToken) =>
        VerifyAsync(token, TokenOptions.InternalAudience, cancellationToken);

    /// <summary>Whether the key of a token that was good at its time still verifies; not so once auth has dropped it.</summary>
    public bool HoldsKeyOf(AccessToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.KeyId is not { } keyId || Keys.Find(keyId) is not null;
    }

    /// <summary>An API key is as good as the token it is exchanged for. One that was kept may be out of date: then it is exchanged anew, once.</summary>
    private async ValueTask<TokenVerdict> VerifyKeyAsync(string key, ApiKeyExchange apiKeys, CancellationToken cancellationToken)
    {
        for (var isRepeat = false; ; isRepeat = true)
        {
            var exchanged = await apiKeys.FindAsync(key, cancellationToken);
            if (exchanged.AccessToken is not { } token) return TokenVerdict.Refused(exchanged.Refusal ?? Refusals.UnknownKey);
            var verdict = await VerifyAsync(token, TokenOptions.Audience, cancellationToken);
            if (verdict.Token is not null || isRepeat) return verdict;
            apiKeys.Forget(key);
        }
    }

    private ValueTask<TokenVerdict> VerifyAsync(string? token, string audience, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token)) return new(TokenVerdict.Refused(Refusals.Missing));
        if (token.Length > CompactToken.MaxLength) return new(TokenVerdict.Refused(Refusals.TooLong));

        // The same bytes were verified before, by a key that is still published: only time and revocation can have changed.
        if (_verified.Find(token, audience) is { } known && ReferenceEquals(Keys.Find(known.Key.Id), known.Key))
            return new(Decide(known.Verdict));
        return VerifyAnewAsync(token, audience, cancellationToken);
    }

    private async ValueTask<TokenVerdict> VerifyAnewAsync(string token, string audience, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CompactToken.MaxLength);
        try
        {
            var refusal = ReadHeader(token, buffer, out var keyId);
            if (refusal is not null) return TokenVerdict.Refused(refusal);

            var key = Keys.Find(keyId) ?? (await keys.RefreshForAsync(keyId, cancellationToken)).Find(keyId);
            return key is null ? TokenVerdict.Refused(Refusals.UnknownKey) : VerifyBody(token, audience, key, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string? ReadHeader(string token, byte[] buffer, out string keyId)
    {
        keyId = "";
        return CompactToken.TrySplit(token, out var first, out _) && CompactToken.TryDecode(token.AsSpan(0, first), buffer, out var length)
            ? TokenHeader.Read(buffer.AsSpan(0, length), _algorithm, out keyId)
            : Refusals.Malformed;
    }

    private TokenVerdict VerifyBody(string token, string audience, VerificationKey key, byte[] buffer)
    {
        CompactToken.TrySplit(token, out var first, out var second);
        Span<byte> signature = stackalloc byte[66];
        if (token.Length - second - 1 != _algorithm.EncodedLength || !CompactToken.TryDecode(token.AsSpan(second + 1), signature, out var signatureLength))
            return TokenVerdict.Refused(Refusals.BadSignature);

        // Signature first: nothing of a forged token's claims is looked at.
        var signed = buffer.AsSpan(0, Encoding.ASCII.GetBytes(token.AsSpan(0, second), buffer));
        if (!key.Verifies(signed, signature[..signatureLength])) return TokenVerdict.Refused(Refusals.BadSignature);

        if (!CompactToken.TryDecode(token.AsSpan(first + 1, second - first - 1), buffer, out var length)
            || !TokenClaims.TryRead(buffer.AsSpan(0, length), audience, out var claims))
            return TokenVerdict.Refused(Refusals.InvalidClaims);

        var verdict = Judge(claims, audience, key.Id);
        if (verdict.Token is null) return verdict;
        var decision = Decide(verdict);
        if (decision.Token is not null) _verified.Add(token, new(key, audience, verdict), time.GetUtcNow());
        return decision;
    }

    private TokenVerdict Judge(in TokenClaims claims, string audience, string keyId)
    {
        if (claims.Issuer != _issuer) return TokenVerdict.Refused(Refusals.WrongIssuer);
        if (claims.Audience != audience) return TokenVerdict.Refused(Refusals.WrongAudience);
        if (claims is not { Subject.Length: > 0, TokenId.Length: > 0, ClientId.Length: > 0, Expires: { } expires, IssuedAt: { } issued, NotBefore: { } notBefore })
            return TokenVerdict.Refused(Refusals.InvalidClaims);

        var latest = time.GetUtcNow().Add(TokenOptions.ClockSkew).ToUnixTimeSeconds();
        if (notBefore > latest || issued > latest) return TokenVerdict.Refused(Refusals.NotYetValid);

        var isService = audience == TokenOptions.InternalAudience;
        Guid user = default, session = default;
        if (!isService && !(Guid.TryParseExact(claims.Subject, "D", out user) && Guid.TryParseExact(claims.SessionId, "D", out session)
            && claims is { Role: not null, Tier: not null, Scope: not null }))
            return TokenVerdict.Refused(Refusals.InvalidClaims);

        return new(new AccessToken(
            user, session, claims.TokenId, claims.ClientId, claims.Scope ?? "", claims.Role ?? "", claims.Tier ?? "",
            DateTimeOffset.FromUnixTimeSeconds(expires), isService)
        { IssuedAt = DateTimeOffset.FromUnixTimeSeconds(issued), KeyId = keyId }, null);
    }

    /// <summary>What must be asked at each use: the time, and whether its session is revoked.</summary>
    private TokenVerdict Decide(TokenVerdict verified)
    {
        var token = verified.Token!;
        if (token.ExpiresAt <= time.GetUtcNow()) return TokenVerdict.Refused(Refusals.Expired);
        return !token.IsService && revocations.IsRevoked(token) ? TokenVerdict.Refused(Refusals.Revoked) : verified;
    }
}
