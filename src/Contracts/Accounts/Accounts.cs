namespace Throughline.Contracts.Accounts;

/// <param name="Password">12 characters or more; common and breached ones are refused.</param>
public sealed record SignUpRequest(string Email, string Password, string? Name = null);

/// <param name="Tier"><c>free</c>, <c>early</c>, <c>mid</c> or <c>enterprise</c>.</param>
public sealed record SignUpResponse(Guid UserId, string Email, string Name, string Tier);

/// <param name="Totp">Six digits, where the account has a second factor.</param>
public sealed record LoginRequest(string Email, string Password, string? Totp = null);

/// <summary>The signed-in user: <c>GET /auth/me</c>, and the backend's replica at <c>GET /api/me</c>.</summary>
/// <param name="Version">Rises by one with each change; the ETag of <c>/auth/me</c>.</param>
public sealed record Account(
    Guid UserId, string Email, string Name, string Tier, string Role, long Version, DateTimeOffset CreatedAt, bool EmailVerified = false);

/// <summary>The members a user may change; an absent one stays.</summary>
public sealed record AccountPatch(string? Name = null);

/// <summary>One signed-in device.</summary>
/// <param name="Address">Address of the last sign-in or refresh.</param>
public sealed record DeviceSession(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, string? Address, string? UserAgent, bool Current);

/// <summary>What the browser gets from <c>/session</c>: the access token alone; the refresh token stays in its cookie.</summary>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record BrowserSession(string AccessToken, int ExpiresIn, Account User);

/// <summary>An entry of auth's durable feed, which other services follow by cursor.</summary>
/// <param name="Seq">Position in the feed: a cursor for <c>after</c>.</param>
/// <param name="Kind"><c>user.upserted</c>, <c>user.deleted</c> or <c>session.revoked</c>.</param>
/// <param name="Version">The user's version after this change.</param>
/// <param name="SessionId">The session that was revoked; absent for all of the user's sessions.</param>
/// <param name="Disabled">Whether the user is shut out.</param>
public sealed record UserChange(
    long Seq, string Kind, Guid UserId, long Version, DateTimeOffset At,
    string? Email = null, string? Name = null, string? Tier = null, string? Role = null,
    bool Disabled = false, Guid? SessionId = null, string? Traceparent = null);

/// <param name="Next">Cursor for the next call's <c>after</c>.</param>
/// <param name="Mark">When the entry at <paramref name="Next"/> was made: for the next call's <c>mark</c>, by which auth knows its own entry again.</param>
/// <param name="Rewritten">Auth has no such entry as <c>after</c> and <c>mark</c> say, since it was restored from a backup: read again from 0.</param>
public sealed record UserChanges(IReadOnlyList<UserChange> Items, long Next, DateTimeOffset? Mark = null, bool Rewritten = false);
