using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;

namespace Throughline.Auth.SigningKeys;

/// <summary>
/// Moves keys through their life, in the database. Each step is one transaction under the lock that all nodes share, looks again at what
/// is there, and is in the audit log; so nodes that come to the same step at once take it once.
/// </summary>
internal sealed class SigningKeyLife(AuthDb db, DatabaseWriter writer, AuditLog audit, SigningKeyVault vault, SigningKeySchedule schedule, TimeProvider time)
{
    public Task<List<SigningKey>> ListAsync(CancellationToken cancellationToken) =>
        db.SigningKeys.AsNoTracking().OrderBy(k => k.CreatedAt).ToListAsync(cancellationToken);

    /// <summary>Makes the first key, which signs at once: nobody holds another yet.</summary>
    public async Task EnsureFirstAsync(CancellationToken cancellationToken)
    {
        if (await db.SigningKeys.AnyAsync(k => k.State == SigningKeyState.Signing, cancellationToken)) return;
        await using var write = await writer.BeginAsync(cancellationToken);
        if (await db.SigningKeys.AnyAsync(k => k.State == SigningKeyState.Signing, cancellationToken)) return; // another node was quicker
        var first = await AddAsync(SigningKeyState.Signing, cancellationToken);
        await RecordAsync($"The first key {first.Id} signs.", cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>Takes every step that is due.</summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        if (!IsAnythingDue(await ListAsync(cancellationToken))) return;
        await using var write = await writer.BeginAsync(cancellationToken);
        var keys = await ListAsync(cancellationToken);
        foreach (var key in keys.Where(k => k.State == SigningKeyState.Retired && IsOver(k))) await RemoveAsync(key, cancellationToken);
        if (keys.Find(k => k.State == SigningKeyState.Published) is { } next)
        {
            if (IsOver(next)) await SignWithAsync(next, cancellationToken);
        }
        else if (NeedsSuccessor(keys))
        {
            await PublishAsync(cancellationToken);
        }
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>Publishes the key that signs next, unless it is published already.</summary>
    public async Task<SigningKey> BeginRotationAsync(CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var next = await db.SigningKeys.AsNoTracking().SingleOrDefaultAsync(k => k.State == SigningKeyState.Published, cancellationToken)
            ?? await PublishAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return next;
    }

    /// <summary>Drops every key: whoever got hold of one may have got hold of all. A new one signs at once.</summary>
    public async Task<SigningKey> ReplaceCompromisedAsync(CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var dropped = await db.SigningKeys.ExecuteDeleteAsync(cancellationToken);
        var fresh = await AddAsync(SigningKeyState.Signing, cancellationToken);
        await RecordAsync($"Compromised: {dropped} keys were dropped at once; {fresh.Id} signs.", cancellationToken);
        await write.CommitAsync(cancellationToken);
        return fresh;
    }

    private bool IsAnythingDue(List<SigningKey> keys) =>
        keys.Exists(k => k.State != SigningKeyState.Signing && IsOver(k))
        || (NeedsSuccessor(keys) && !keys.Exists(k => k.State == SigningKeyState.Published));

    private bool IsOver(SigningKey key) => schedule.EndOf(key.State, key.StateSince) <= time.GetUtcNow();

    private bool NeedsSuccessor(List<SigningKey> keys) =>
        keys.Find(k => k.State == SigningKeyState.Signing) is { } present && schedule.SuccessorDue(present.StateSince) <= time.GetUtcNow();

    private async Task<SigningKey> PublishAsync(CancellationToken cancellationToken)
    {
        var next = await AddAsync(SigningKeyState.Published, cancellationToken);
        await RecordAsync($"Key {next.Id} is published.", cancellationToken);
        return next;
    }

    private async Task SignWithAsync(SigningKey next, CancellationToken cancellationToken)
    {
        // Retire first: the index lets only one key sign, in whatever order nodes come.
        await MoveAsync(SigningKeyState.Signing, SigningKeyState.Retired, cancellationToken);
        await MoveAsync(SigningKeyState.Published, SigningKeyState.Signing, cancellationToken);
        await RecordAsync($"Key {next.Id} signs; the one before it is retired.", cancellationToken);
    }

    private async Task MoveAsync(SigningKeyState from, SigningKeyState to, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var moved = await db.SigningKeys.Where(k => k.State == from)
            .ExecuteUpdateAsync(set => set.SetProperty(k => k.State, to).SetProperty(k => k.StateSince, now), cancellationToken);
        if (moved != 1) throw new InvalidOperationException($"{moved} keys were {from}, not one.");
    }

    private async Task RemoveAsync(SigningKey key, CancellationToken cancellationToken)
    {
        await db.SigningKeys.Where(k => k.Id == key.Id).ExecuteDeleteAsync(cancellationToken);
        await RecordAsync($"Key {key.Id} is gone.", cancellationToken);
    }

    private async Task<SigningKey> AddAsync(SigningKeyState state, CancellationToken cancellationToken)
    {
        var key = vault.Create(state);
        db.SigningKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        return key;
    }

    private Task RecordAsync(string what, CancellationToken cancellationToken) =>
        audit.AddAsync(new(AuditEvents.SigningKeyRotated, AuditOutcome.Success, UserId: null, Detail: what), cancellationToken);
}
