using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Accounts;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.ApiKeys;

/// <summary>A long-lived key <c>tl_…</c> for scripts. The key itself is never stored, only its SHA-256.</summary>
internal sealed class ApiKey
{
    /// <summary>Also the <c>sid</c> of the access tokens it is exchanged for: revoking a key is revoking a session.</summary>
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required byte[] Hash { get; init; }

    public required string Name { get; init; }

    /// <summary>Its first characters, to tell keys apart.</summary>
    public required string Start { get; init; }

    /// <summary>Separated by spaces, as in OAuth.</summary>
    public required string Scope { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public IReadOnlyList<string> Scopes => Scope.Split(' ');

    public ApiKeySummary ToSummary() => new(Id, Name, Start, Scopes, CreatedAt, ExpiresAt, LastUsedAt);
}

internal sealed class ApiKeyTable : IEntityTypeConfiguration<ApiKey>
{
    public const int MaxNameLength = 100;

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("ApiKeys");
        builder.Property(k => k.Hash).HasMaxLength(32);
        builder.Property(k => k.Name).HasMaxLength(MaxNameLength);
        builder.Property(k => k.Start).HasMaxLength(20);
        builder.Property(k => k.Scope).HasMaxLength(200);
        builder.Ignore(k => k.Scopes);
        builder.HasOne<User>().WithMany().HasForeignKey(k => k.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(k => k.Hash).IsUnique();
    }
}
