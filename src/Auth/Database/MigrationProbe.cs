using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

/// <summary>Shows that the migrations apply to an empty SQLite database, and to one of the version before, and that the model has no other change.</summary>
internal sealed class MigrationProbe : ICompositionProbe
{
    public async Task<CompositionItem> LookAsync(CancellationToken cancellationToken)
    {
        using var folder = TemporaryFolder.Create();
        try
        {
            await using var empty = Open(Path.Combine(folder.Path, "empty.db"));
            var names = empty.GetService<IMigrationsAssembly>().Migrations.Keys.ToList();
            await empty.Database.MigrateAsync(cancellationToken);
            if (names.Count > 1)
            {
                await using var older = Open(Path.Combine(folder.Path, "older.db"));
                await older.GetService<IMigrator>().MigrateAsync(names[^2], cancellationToken);
                await older.Database.MigrateAsync(cancellationToken);
            }

            return new("migrations", names.Count, empty.Database.HasPendingModelChanges() ? ["The model has changes that no migration makes."] : []);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
        }
    }

    private static SqliteAuthDb Open(string path)
    {
        // Identity reads its schema's version from the application's services.
        var services = new ServiceCollection().Configure<Microsoft.AspNetCore.Identity.IdentityOptions>(AuthDb.ConfigureStores).BuildServiceProvider();
        var options = new DbContextOptionsBuilder<SqliteAuthDb>().UseApplicationServiceProvider(services);
        options.UseFile(path);
        return new SqliteAuthDb(options.Options);
    }
}
