using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.ApiKeys;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Erasure;
using Throughline.Auth.Factors;
using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;
using Throughline.Auth.Tokens;

namespace Throughline.Auth.Database;

/// <summary>Everything auth keeps. One model for both databases; each has its own migrations, so each its own sub-class.</summary>
internal abstract class AuthDb(DbContextOptions options) : IdentityUserContext<User, Guid>(options), IDataProtectionKeyContext
{
    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<OneTimeCode> OneTimeCodes => Set<OneTimeCode>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<AccountErasure> Erasures => Set<AccountErasure>();

    public DbSet<Change> Changes => Set<Change>();

    public DbSet<ClientRegistration> ClientRegistrations => Set<ClientRegistration>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>Identity reads its schema's version from options, which migrations must see as well as the service.</summary>
    public static void ConfigureStores(IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3; // with passkeys

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no type for instants that it can compare; milliseconds since 1970 sort alike in both databases.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.UseOpenIddict();
        builder.ApplyConfigurationsFromAssembly(typeof(AuthDb).Assembly);
    }
}

internal sealed class SqliteAuthDb(DbContextOptions<SqliteAuthDb> options) : AuthDb(options);

internal sealed class PostgresAuthDb(DbContextOptions<PostgresAuthDb> options) : AuthDb(options);
