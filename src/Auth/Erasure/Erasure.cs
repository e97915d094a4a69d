using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Throughline.Auth.Erasure;

/// <summary>The deletion of one account, and the receipts of those who held something of it.</summary>
internal sealed class AccountErasure
{
    /// <summary>The receipt's id: random, so that holding it is the right to read it.</summary>
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; set; }

    public List<ErasureItem> Items { get; } = [];
}

/// <summary>What one holder erased.</summary>
internal sealed class ErasureItem
{
    public required Guid ErasureId { get; init; }

    public required string Holder { get; init; }

    public required string What { get; init; }

    public required long Count { get; init; }

    public required DateTimeOffset At { get; init; }
}

internal sealed class AccountErasureTable : IEntityTypeConfiguration<AccountErasure>
{
    public void Configure(EntityTypeBuilder<AccountErasure> builder)
    {
        builder.ToTable("Erasures");
        builder.HasIndex(e => e.UserId).IsUnique();
        builder.HasMany(e => e.Items).WithOne().HasForeignKey(i => i.ErasureId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ErasureItemTable : IEntityTypeConfiguration<ErasureItem>
{
    public const int MaxWhatLength = 40;

    public void Configure(EntityTypeBuilder<ErasureItem> builder)
    {
        builder.ToTable("ErasureItems");
        builder.HasKey(i => new { i.ErasureId, i.Holder, i.What });
        builder.Property(i => i.Holder).HasMaxLength(20);
        builder.Property(i => i.What).HasMaxLength(MaxWhatLength);
    }
}
