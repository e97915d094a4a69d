using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Accounts.Throttling;

/// <summary>
/// Bounds failed sign-ins on all nodes together, exactly: an attempt is reserved before the password is looked at, and settled as a failure
/// or as nothing. While the store is away nobody can sign in: attempts that nobody counts are an invitation to guess.
/// </summary>
internal sealed class LoginLimit(Limiter limiter, ILookupNormalizer normalizer, IOptions<AccountOptions> options)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    // Longer than a password waits for its turn.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private readonly LimitPolicy _account = new("login-account", options.Value.LoginFailuresPerAccount, Window, LimitKind.Reserved);
    private readonly LimitPolicy _address = new("login-address", options.Value.LoginFailuresPerAddress, Window, LimitKind.Reserved);
    private readonly LimitPolicy _all = new("login", options.Value.LoginsPerMinute, TimeSpan.FromMinutes(1), LimitKind.Flow);

    /// <param name="email">Null where the credential says itself whose it is.</param>
    public async Task<LoginAttempt> BeginAsync(HttpContext context, Device device, string? email, CancellationToken cancellationToken)
    {
        var reserved = new List<LimitCharge> { new(_address, LimitSubject.OfAddress(context.Connection.RemoteIpAddress)) { Hold = Hold } };
        if (email is not null) reserved.Add(new(_account, LimitSubject.Hashed($"{device.Network} {normalizer.NormalizeEmail(email)}")) { Hold = Hold });
        var name = Guid.CreateVersion7().ToString("N");
        var verdict = await limiter.TryChargeAsync([.. reserved, new(_all, LimitSubject.Everyone)], name, cancellationToken);
        return new LoginAttempt(limiter, reserved, name, verdict, context);
    }
}

/// <summary>One attempt to sign in. Disposed, it is settled.</summary>
internal sealed class LoginAttempt(Limiter limiter, IReadOnlyList<LimitCharge> reserved, string name, LimitVerdict verdict, HttpContext context) : IAsyncDisposable
{
    private bool _hasFailed;

    /// <summary>Why it may not be made; null where it may.</summary>
    public ProblemHttpResult? Refusal => verdict switch
    {
        { IsAllowed: false } => AccountProblems.TooMany(context, verdict.RetryAfter),
        { IsAlone: true } => AccountProblems.SignInClosed(context),
        _ => null,
    };

    public void Fail() => _hasFailed = true;

    /// <summary>Also where the caller has gone away: what failed has failed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!verdict.IsAllowed) return;
        await limiter.SettleAsync([.. reserved.Select(charge => charge with { Amount = _hasFailed ? 1 : 0 })], name, CancellationToken.None);
    }
}
