using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Audit;

/// <summary><c>GET /internal/audit</c>: the whole log in its order, for the operator, who checks its chain.</summary>
internal static class OperatorAudit
{
    private const int MaxItems = 1000;

    public static void MapOperatorAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/internal/audit").RequireAuthorization(TokenPolicies.Operator).WithTags("Audit").MapGet("", ReadAsync);

    /// <param name="after">Absent: from the first entry that is there, whatever its number. A chain begins with 1, a forged entry need not.</param>
    private static async Task<Results<Ok<Page<AuditRecord>>, ProblemHttpResult>> ReadAsync(
        AuthDb db, CancellationToken cancellationToken, long? after = null, int limit = MaxItems)
    {
        if (limit is < 1 or > MaxItems) return Problems.Invalid("limit", $"A page holds 1 to {MaxItems} entries.");
        var entries = db.AuditEntries.AsNoTracking();
        if (after is { } seq) entries = entries.Where(e => e.Seq > seq);
        var rows = await entries.OrderBy(e => e.Seq).Take(limit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<AuditRecord>(
            rows.ConvertAll(e => e.ToRecord()), rows.Count == limit ? rows[^1].Seq.ToString(CultureInfo.InvariantCulture) : null));
    }
}
