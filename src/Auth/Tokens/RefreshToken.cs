using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Tokens;

/// <summary>One link of a session's chain of refresh tokens. The token itself is never stored, only its SHA-256.</summary>
internal sealed class RefreshToken
{
    public required byte[] Hash { get; init; }

    public required Guid SessionId { get; init; }

    public required string ClientId { get; init; }

    public required string Scope { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RedeemedAt { get; set; }

    /// <summary>Hash of the token that replaced it, once redeemed.</summary>
    public byte[]? Successor { get; set; }
}

internal sealed class RefreshTokenTable : IEntityTypeConfiguration<RefreshToken>
{
    public void Configure(EntityTypeBuilder<RefreshToken> builder)
    {
        builder.ToTable("RefreshTokens");
        builder.HasKey(t => t.Hash);
        builder.Property(t => t.Hash).HasMaxLength(32);
        builder.Property(t => t.Successor).HasMaxLength(32);
        builder.Property(t => t.ClientId).HasMaxLength(100);
        builder.Property(t => t.Scope).HasMaxLength(400);
        builder.HasOne<Session>().WithMany().HasForeignKey(t => t.SessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(t => t.ExpiresAt);
    }
}
