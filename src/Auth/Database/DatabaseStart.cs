using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Options;
using Throughline.Auth.Audit;
using Throughline.Auth.SigningKeys;
using Throughline.Auth.Tokens;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

/// <summary>Brings the database to this version, then loads what every request needs, before the first one is taken.</summary>
internal sealed partial class DatabaseStart(
    IServiceScopeFactory scopes, SigningKeyStore keys, AuditAnchoring audit, IOptions<DatabaseOptions> options, StateFolder state, ILogger<DatabaseStart> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (options.Value.IsPostgres) await PostgresReach.CheckAsync(options.Value.ConnectionString!, cancellationToken);
            await PrepareAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseFault.Of(e, options.Value.PlaceIn(state)) is { } fault)
        {
            throw fault;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        await MigrateAsync(db, cancellationToken);
        // Changes nothing, and fails where nothing can be changed: a database that is read-only would else be found at the first sign-in.
        await db.Database.ExecuteSqlAsync($"""UPDATE "ClientRegistrations" SET "Fingerprint" = "Fingerprint" WHERE 1 = 0""", cancellationToken);
        await audit.BeginAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<SigningKeyLife>().EnsureFirstAsync(cancellationToken);
        await keys.LoadAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<ClientRegistrar>().RegisterAsync(cancellationToken);
    }

    private async Task MigrateAsync(AuthDb db, CancellationToken cancellationToken)
    {
        // Where the last known migration is the last applied one there is nothing to lock or compare.
        var known = db.GetService<IMigrationsAssembly>().Migrations.Keys.ToList();
        var history = db.GetService<IHistoryRepository>();
        var applied = await history.ExistsAsync(cancellationToken)
            ? (await history.GetAppliedMigrationsAsync(cancellationToken)).Select(row => row.MigrationId).ToList()
            : [];
        if (applied.Count > 0 && string.CompareOrdinal(applied[^1], known[^1]) > 0)
            throw new StartupException(
                ExitCode.Configuration, $"The database is newer ({applied[^1]}) than this program ({known[^1]}); start the newer program.");
        if (applied.Count == known.Count) return;

        await db.Database.MigrateAsync(cancellationToken);
        Log.Migrated(logger, known[^1]);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The database is now at {Migration}")]
        public static partial void Migrated(ILogger logger, string migration);
    }
}
