using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Throughline.Auth.Database;

/// <summary>For <c>dotnet ef migrations add Name --context SqliteAuthDb --output-dir Database/Migrations/Sqlite</c>.</summary>
internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteAuthDb>
{
    public SqliteAuthDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteAuthDb>().UseSqlite("Data Source=:memory:").UseApplicationServiceProvider(DesignTime.Services).Options);
}

/// <summary>For <c>dotnet ef migrations add Name --context PostgresAuthDb --output-dir Database/Migrations/Postgres</c>.</summary>
internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresAuthDb>
{
    public PostgresAuthDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresAuthDb>().UseNpgsql("Host=localhost").UseApplicationServiceProvider(DesignTime.Services).Options);
}

file static class DesignTime
{
    public static IServiceProvider Services { get; } = new ServiceCollection().Configure<IdentityOptions>(AuthDb.ConfigureStores).BuildServiceProvider();
}
