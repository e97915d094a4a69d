using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Passkeys;

/// <summary>An account's passkeys, in Identity's table.</summary>
internal sealed class PasskeyStore(
    AuthDb db, DatabaseWriter writer, IUserStore<User> users, IPasskeyHandler<User> handler, PasskeyStates states, SessionStore sessions, AuditLog audit,
    IOptions<PasskeyOptions> options)
{
    // Not the user manager's methods: they would write the whole user as it was read, over what changed meanwhile.
    private readonly IUserPasskeyStore<User> _passkeys = (IUserPasskeyStore<User>)users;

    public async Task<List<PasskeySummary>> ListAsync(User user, CancellationToken cancellationToken) =>
        [.. (await _passkeys.GetPasskeysAsync(user, cancellationToken)).OrderBy(p => p.CreatedAt).Select(SummaryOf)];

    /// <summary>Adds what the browser made for a challenge of <paramref name="live"/>'s user.</summary>
    /// <returns>Null where it is no right answer to the challenge, or the second one.</returns>
    public async Task<PasskeySummary?> AddAsync(
        HttpContext context, LiveSession live, string state, string credential, string name, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var made = await handler.PerformAttestationAsync(new() { HttpContext = context, CredentialJson = credential, AttestationState = state });
        if (!made.Succeeded || made.UserEntity.Id != live.User.Id.ToString()
            || !await HasRoomAsync(live.User.Id, cancellationToken) || !await states.TrySpendAsync(state, live.User.Id, cancellationToken)) return null;

        made.Passkey.Name = name;
        await _passkeys.AddOrUpdatePasskeyAsync(live.User, made.Passkey, cancellationToken);
        await audit.AddAsync(new(AuditEvents.PasskeyChanged, AuditOutcome.Success, live.User.Id, Detail: "A passkey was added."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return SummaryOf(made.Passkey);
    }

    /// <summary>Saves what a sign-in changed of a passkey: above all its counter.</summary>
    public Task SaveAsync(User user, UserPasskeyInfo passkey, CancellationToken cancellationToken) =>
        _passkeys.AddOrUpdatePasskeyAsync(user, passkey, cancellationToken);

    /// <summary>Removes a passkey and ends every other session: one of them may have been begun with it.</summary>
    /// <returns>False where the user has no such passkey.</returns>
    public async Task<bool> RemoveAsync(LiveSession live, byte[] id, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var removed = await db.UserPasskeys.Where(p => p.UserId == live.User.Id && p.CredentialId == id).ExecuteDeleteAsync(cancellationToken);
        if (removed == 0) return false;
        await sessions.AddRevocationsAsync(live.User.Id, live.Session.Id, "A passkey was removed.", cancellationToken);
        await audit.AddAsync(new(AuditEvents.PasskeyChanged, AuditOutcome.Success, live.User.Id, Detail: "A passkey was removed."), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    public async Task<bool> HasRoomAsync(Guid userId, CancellationToken cancellationToken) =>
        await db.UserPasskeys.CountAsync(p => p.UserId == userId, cancellationToken) < options.Value.PerAccount;

    private static PasskeySummary SummaryOf(UserPasskeyInfo passkey) =>
        // As it is read back: the database keeps milliseconds.
        new(Base64Url.EncodeToString(passkey.CredentialId), passkey.Name ?? "Passkey",
            DateTimeOffset.FromUnixTimeMilliseconds(passkey.CreatedAt.ToUnixTimeMilliseconds()));
}
