using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

internal static class DatabaseSetup
{
    public static IServiceCollection AddDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        if (configuration["Database:Provider"] == DatabaseOptions.Postgres)
            services.AddDbContextPool<AuthDb, PostgresAuthDb>((provider, options) => options.UseNpgsql(
                provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString));
        else
            services.AddDbContextPool<AuthDb, SqliteAuthDb>((provider, options) => options.UseFile(
                provider.GetRequiredService<StateFolder>().PathOf("auth.db")));

        services.AddSingleton<WriteGate>();
        services.AddScoped<DatabaseWriter>();
        services.AddHostedService<DatabaseStart>(); // the first hosted service: all others may use the database
        services.AddSingleton<IDependencyProbe, DatabaseProbe>();
        services.AddSingleton<ICompositionProbe, MigrationProbe>();
        services.AddDataProtection().SetApplicationName("throughline").PersistKeysToDbContext<AuthDb>();
        return services;
    }

    /// <summary>SQLite's file: other writers wait in SQLite itself, whose waits are finer than the provider's 150 ms.</summary>
    public static DbContextOptionsBuilder UseFile(this DbContextOptionsBuilder options, string path) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 10 }.ConnectionString)
        .AddInterceptors(Pragmas.Instance);

    private sealed class Pragmas : DbConnectionInterceptor
    {
        public static readonly Pragmas Instance = new();

        public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            // What is deleted is overwritten, or a deleted account could be read out of the file's free pages.
            command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON";
            command.ExecuteNonQuery();
        }

        public override Task ConnectionOpenedAsync(
            System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }
    }
}
