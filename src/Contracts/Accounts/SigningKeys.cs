namespace Throughline.Contracts.Accounts;

/// <summary>Auth's signing keys: <c>GET /internal/keys</c>.</summary>
/// <param name="Algorithm">What access tokens are signed with: <c>ES256</c>, these keys, or <c>HS256</c>, the secret of <c>JWT_SECRET_KEY</c>; then these sign id tokens only.</param>
public sealed record SigningKeyList(string Algorithm, IReadOnlyList<SigningKeySummary> Items);

/// <param name="State"><c>published</c>, <c>signing</c> or <c>retired</c>.</param>
/// <param name="StateSince">When it entered its present state.</param>
/// <param name="Until">When it leaves it: it signs, retires, or is gone.</param>
public sealed record SigningKeySummary(string Id, string State, DateTimeOffset CreatedAt, DateTimeOffset StateSince, DateTimeOffset Until);

/// <summary><c>POST /internal/keys/rotations</c> → 202 and the key that signs next.</summary>
/// <param name="Compromised">Drop every present key at once, and with them every access token; a new key signs from now on.</param>
public sealed record KeyRotation(bool Compromised = false);

/// <summary>A verifier's question whether it holds the issuer's material: <c>POST /internal/signing/challenge</c>.</summary>
/// <param name="Nonce">32 random bytes in base64url, made for this question.</param>
public sealed record SigningChallenge(string Nonce);

/// <summary>What auth issues tokens with, and the proof that the one who answers can.</summary>
/// <param name="Algorithm"><c>ES256</c> or <c>HS256</c>.</param>
/// <param name="Contract">Version of this exchange and of tokens.</param>
/// <param name="KeyId">The published key that signed the proof; absent with a shared secret.</param>
/// <param name="Proof">Signature or HMAC over the nonce and all of the above, base64url.</param>
public sealed record SigningProof(string Algorithm, string Issuer, string Audience, int Contract, string Proof, string? KeyId = null);
