using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Database;

namespace Throughline.Auth.Tests.Database;

public sealed class Migrations
{
    [Fact]
    public void The_model_has_no_change_that_a_migration_lacks()
    {
        using var sqlite = new SqliteDesign().CreateDbContext([]);
        using var postgres = new PostgresDesign().CreateDbContext([]);
        Assert.False(sqlite.Database.HasPendingModelChanges());
        Assert.False(postgres.Database.HasPendingModelChanges());
    }
}
