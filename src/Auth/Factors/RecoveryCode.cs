using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Accounts;

namespace Throughline.Auth.Factors;

/// <summary>One recovery code of a second factor: 80 random bits, of which only the SHA-256 is stored. Gone once used.</summary>
internal sealed class RecoveryCode
{
    public required Guid UserId { get; init; }

    public required byte[] Hash { get; init; }
}

internal sealed class RecoveryCodeTable : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> builder)
    {
        builder.ToTable("RecoveryCodes");
        builder.HasKey(c => new { c.UserId, c.Hash });
        builder.Property(c => c.Hash).HasMaxLength(32);
        builder.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
