using Microsoft.AspNetCore.Identity;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Passkeys;

/// <summary>Signs in with a passkey, which is two factors by itself: the device, and what it asks its holder for.</summary>
internal sealed class PasskeyLogin(
    AuthDb db, DatabaseWriter writer, IPasskeyHandler<User> handler, PasskeyStore passkeys, PasskeyStates states, SessionStore sessions, AuditLog audit)
{
    private const string Method = "passkey";

    /// <returns>The new session; null where the answer is not right, was given before, or the account is shut.</returns>
    public async Task<Session?> BeginAsync(HttpContext context, string state, string credential, CancellationToken cancellationToken)
    {
        // One at a time from here on: a counter that two sign-ins show at once is right for one of them only.
        await using var write = await writer.BeginAsync(cancellationToken);
        var shown = await handler.PerformAssertionAsync(new() { HttpContext = context, CredentialJson = credential, AssertionState = state });
        if (!shown.Succeeded || shown.User.IsDisabled || !await states.TrySpendAsync(state, shown.User.Id, cancellationToken)) return null;

        await passkeys.SaveAsync(shown.User, shown.Passkey, cancellationToken);
        var session = sessions.Add(shown.User.Id, Device.Of(context), Method);
        await db.SaveChangesAsync(cancellationToken);
        await audit.AddAsync(new(AuditEvents.Login, AuditOutcome.Success, shown.User.Id, session.Id, Method), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return session;
    }
}
