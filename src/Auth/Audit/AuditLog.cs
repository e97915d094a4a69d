using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Audit;

/// <summary>
/// The append-only, chained log of security events. An entry is written in the transaction of what it tells, so neither is ever there
/// without the other; only one transaction at a time adds (<see cref="DatabaseWriter.BeginAsync"/>), so the chain has no forks.
/// </summary>
internal sealed class AuditLog(
    AuthDb db, DatabaseWriter writer, AuditTip tip, MasterKey master, AuditMetrics metrics, IHttpContextAccessor http, TimeProvider time)
{
    private readonly byte[] _key = master.Derive(AuditChain.KeyPurpose);

    /// <summary>Adds inside the caller's transaction, which <see cref="DatabaseWriter.BeginAsync"/> began, and saves.</summary>
    public async Task AddAsync(AuditEvent what, CancellationToken cancellationToken)
    {
        var last = tip.Last ?? await ReadLastAsync(cancellationToken);
        var entry = Describe(what, last.Seq + 1);
        entry.Hash = AuditChain.HashOf(entry.ToRecord(), last.Hash, _key);
        db.AuditEntries.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
        tip.Last = (entry.Seq, entry.Hash);
        metrics.Written(entry);
    }

    /// <summary>Writes in a transaction of its own: for what was refused, and so changed nothing.</summary>
    public async Task WriteAsync(AuditEvent what, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        await AddAsync(what, cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<(long Seq, byte[] Hash)> ReadLastAsync(CancellationToken cancellationToken)
    {
        var last = await db.AuditEntries.AsNoTracking().OrderByDescending(e => e.Seq).Select(e => new { e.Seq, e.Hash }).FirstOrDefaultAsync(cancellationToken);
        return last is null ? (0, AuditChain.Genesis.ToArray()) : (last.Seq, last.Hash);
    }

    private AuditEntry Describe(AuditEvent what, long seq)
    {
        var context = http.HttpContext;
        var device = what.From ?? (context is null ? new(null, null) : Device.Of(context));
        var caller = context?.Features.Get<AccessToken>();
        return new()
        {
            Seq = seq,
            // The database keeps milliseconds; the hash must be over what can be read back.
            At = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
            Event = what.Name,
            Outcome = what.Outcome switch
            {
                AuditOutcome.Success => "success",
                AuditOutcome.Failure => "failure",
                AuditOutcome.Denied => "denied",
            },
            UserId = what.UserId,
            ActorId = caller is { IsService: false } && caller.UserId != what.UserId ? caller.UserId : null,
            SessionId = what.SessionId ?? (caller is { IsService: false } ? caller.SessionId : null),
            Address = device.Address,
            UserAgent = device.UserAgent,
            Detail = what.Detail is null ? null : StoredText.Fit(what.Detail, AuditEntryTable.MaxDetailLength),
            TraceId = Activity.Current?.TraceId.ToHexString(),
        };
    }
}
