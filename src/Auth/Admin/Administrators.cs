using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;

namespace Throughline.Auth.Admin;

/// <summary>Sees to it that somebody can always administer.</summary>
internal sealed class Administrators(AuthDb db)
{
    public Task<bool> AnyAsync(CancellationToken cancellationToken) => Able.AnyAsync(cancellationToken);

    /// <summary>Whether the user is the only administrator who is not disabled. Ask inside the transaction that would end that:
    /// such transactions run one at a time (<see cref="DatabaseWriter.BeginAsync"/>), so two administrators cannot demote each other.</summary>
    public async Task<bool> IsLastAsync(Guid userId, CancellationToken cancellationToken) =>
        await Able.AnyAsync(u => u.Id == userId, cancellationToken) && !await Able.AnyAsync(u => u.Id != userId, cancellationToken);

    private IQueryable<User> Able => db.Users.AsNoTracking().Where(u => u.Role == Standing.AdminRole && !u.IsDisabled);
}
