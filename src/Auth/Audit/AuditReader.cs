using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Audit;

/// <summary>Reads the audit log, newest first.</summary>
internal sealed class AuditReader(AuthDb db)
{
    /// <param name="userId">Whose entries; null for all.</param>
    /// <param name="name">Which event; null for all.</param>
    /// <param name="before">Only entries before this one; null for the newest.</param>
    public async Task<Page<AuditRecord>> ReadAsync(Guid? userId, string? name, long? before, int limit, CancellationToken cancellationToken)
    {
        var entries = db.AuditEntries.AsNoTracking();
        if (userId is not null) entries = entries.Where(e => e.UserId == userId);
        if (name is not null) entries = entries.Where(e => e.Event == name);
        if (before is not null) entries = entries.Where(e => e.Seq < before);
        var found = await entries.OrderByDescending(e => e.Seq).Take(limit + 1).ToListAsync(cancellationToken);
        return Paging.PageOf(found.ConvertAll(e => e.ToRecord()), limit, last => last.Seq.ToString(CultureInfo.InvariantCulture));
    }
}
