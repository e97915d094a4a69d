using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;

namespace Throughline.Auth.Retention;

/// <summary>What is over, kind by kind. Each method removes one batch and says how much that was; 0 means that nothing is left.</summary>
internal sealed class Expiry(AuthDb db, DatabaseWriter writer, FeedReaders readers, IOpenIddictTokenManager tokens, IOptions<RetentionOptions> options, TimeProvider time)
{
    private readonly RetentionOptions _options = options.Value;

    public Task<int> RefreshTokensAsync(CancellationToken cancellationToken) => DeleteAsync(db.RefreshTokens.Where(t => t.ExpiresAt < Ended), t => t.ExpiresAt, cancellationToken);

    public Task<int> SessionsAsync(CancellationToken cancellationToken) =>
        DeleteAsync(db.Sessions.Where(s => s.ExpiresAt < Ended || s.RevokedAt < Ended), s => s.ExpiresAt, cancellationToken);

    public Task<int> ApiKeysAsync(CancellationToken cancellationToken) => DeleteAsync(db.ApiKeys.Where(k => k.RevokedAt < Ended), k => k.CreatedAt, cancellationToken);

    public Task<int> CodesAsync(CancellationToken cancellationToken) => DeleteAsync(db.OneTimeCodes.Where(c => c.ExpiresAt < time.GetUtcNow()), c => c.ExpiresAt, cancellationToken);

    /// <summary>Codes and device codes of OpenIddict's own tables.</summary>
    public async Task<int> GrantsAsync(CancellationToken cancellationToken) => (int)await tokens.PruneAsync(Ended, cancellationToken);

    /// <summary>
    /// Entries of the feed that a later one has replaced: of a user who was told of again, of one who is gone (but for the tombstone), revocations of
    /// tokens that have long run out. Nothing from the place of a reader on, and not the entry at its place, by which it knows the feed again (decision 26).
    /// </summary>
    public async Task<int> ChangesAsync(CancellationToken cancellationToken)
    {
        if (readers.Lowest(_options.ReadersWithin) is not { } lowest) return 0;
        var before = time.GetUtcNow() - _options.Changes;
        return await DeleteAsync(
            db.Changes.Where(c => c.Seq < lowest && c.At < before && (
                c.Kind == ChangeKind.Blank || c.Kind == ChangeKind.SessionRevoked
                || (c.Kind == ChangeKind.Upserted && db.Changes.Any(later => later.UserId == c.UserId && later.Seq > c.Seq && later.Kind == ChangeKind.Upserted)))),
            c => c.Seq, cancellationToken);
    }

    private DateTimeOffset Ended => time.GetUtcNow() - _options.Sessions;

    private async Task<int> DeleteAsync<T, TKey>(IQueryable<T> over, Expression<Func<T, TKey>> order, CancellationToken cancellationToken)
        where T : class
    {
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        var count = await over.OrderBy(order).Take(_options.Batch).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return count;
    }
}
