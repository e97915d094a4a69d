using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Accounts.Throttling;

/// <summary>
/// Slows guessing, without a lock that somebody could put on somebody else's door. Failures count for an account at one network, for a
/// network at all accounts, and for an account from everywhere. That last brake does not hold where the account's owner has signed in
/// before: an attack from a thousand addresses leaves the owner's own door open. An account that nobody has is treated alike.
/// </summary>
internal sealed class FailedLogins(LoginMeters meters, AuthDb db, ILookupNormalizer normalizer, TimeProvider time)
{
    private const int MaxKeyLength = 254;
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    /// <summary>How long until this device may try this account; null where it may now.</summary>
    public async Task<TimeSpan?> WaitForAsync(Device device, string email, CancellationToken cancellationToken)
    {
        var account = KeyOf(email);
        TimeSpan? here = new[] { meters.AtAccount.WaitFor($"{device.Network} {account}"), meters.AtAll.WaitFor(device.Network) }.Max();
        if (here is not null) return here;
        return meters.FromEverywhere.WaitFor(account) is { } wait && !await IsKnownAsync(device, account, cancellationToken) ? wait : null;
    }

    public void Charge(Device device, string email)
    {
        var account = KeyOf(email);
        meters.AtAccount.Charge($"{device.Network} {account}");
        meters.AtAll.Charge(device.Network);
        meters.FromEverywhere.Charge(account);
    }

    /// <summary>A success: failures of this account here were its owner's.</summary>
    public void Forgive(Device device, string email) => meters.AtAccount.Clear($"{device.Network} {KeyOf(email)}");

    /// <summary>The owner has shown to have the mailbox: the brake on the account is let go, wherever the owner is.</summary>
    public void Release(string email) => meters.FromEverywhere.Clear(KeyOf(email));

    private string KeyOf(string email) => normalizer.NormalizeEmail(email.Length > MaxKeyLength ? email[..MaxKeyLength] : email);

    /// <summary>Asked only while the account is under attack, so it costs nobody else anything.</summary>
    private async Task<bool> IsKnownAsync(Device device, string account, CancellationToken cancellationToken)
    {
        var from = time.GetUtcNow() - KnownFor;
        var addresses = await db.Sessions.AsNoTracking()
            .Where(s => s.LastSeenAt > from && db.Users.Any(u => u.Id == s.UserId && u.NormalizedEmail == account))
            .Select(s => s.Address).Distinct().ToListAsync(cancellationToken);
        return addresses.Exists(address => Device.NetworkOf(address) == device.Network);
    }
}

/// <summary>The three counts that <see cref="FailedLogins"/> keeps.</summary>
internal sealed class LoginMeters(IOptions<AccountOptions> options, TimeProvider time)
{
    public FailureMeter AtAccount { get; } =
        new(options.Value.FailedLoginsPerAccount, TimeSpan.FromMinutes(15), options.Value.FirstLoginWait, time);

    public FailureMeter AtAll { get; } =
        new(options.Value.FailedLoginsPerAddress, TimeSpan.FromMinutes(1), options.Value.FirstLoginWait, time);

    public FailureMeter FromEverywhere { get; } =
        new(options.Value.FailedLoginsFromEverywhere, TimeSpan.FromMinutes(5), options.Value.FirstLoginWait, time);
}
