using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Accounts;

namespace Throughline.Auth.Mail;

/// <summary>A code that travels by mail, once: of 256 random bits only the SHA-256 is stored, and the row goes with its use.</summary>
internal sealed class OneTimeCode
{
    public required byte[] Hash { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>
    /// What it is good for, and for nothing else: <c>email.verify</c>, <c>password.reset</c>; or <c>passkey.spent</c>, which is good for
    /// nothing: it marks a challenge that was answered.
    /// </summary>
    public required string Purpose { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class OneTimeCodeTable : IEntityTypeConfiguration<OneTimeCode>
{
    public void Configure(EntityTypeBuilder<OneTimeCode> builder)
    {
        builder.ToTable("OneTimeCodes");
        builder.HasKey(c => c.Hash);
        builder.Property(c => c.Hash).HasMaxLength(32);
        builder.Property(c => c.Purpose).HasMaxLength(20);
        builder.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(c => c.ExpiresAt);
    }
}
