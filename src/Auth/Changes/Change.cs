using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Changes;

/// <summary>A row of the outbox: written in the transaction of the change that it tells, read by other services by cursor.</summary>
internal sealed class Change
{
    public long Seq { get; init; }

    public required string Kind { get; init; }

    public required Guid UserId { get; init; }

    public required long Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Tier { get; init; }

    public string? Role { get; init; }

    public bool IsDisabled { get; init; }

    public Guid? SessionId { get; init; }

    public string? Traceparent { get; init; }

    public UserChange ToUserChange() => new(Seq, Kind, UserId, Version, At, Email, Name, Tier, Role, IsDisabled, SessionId, Traceparent);
}

internal sealed class ChangeTable : IEntityTypeConfiguration<Change>
{
    public void Configure(EntityTypeBuilder<Change> builder)
    {
        builder.ToTable("Changes");
        builder.HasKey(c => c.Seq);
        builder.Property(c => c.Seq).ValueGeneratedOnAdd();
        builder.Property(c => c.Kind).HasMaxLength(20);
        builder.Property(c => c.Email).HasMaxLength(256);
        builder.Property(c => c.Name).HasMaxLength(100);
        builder.Property(c => c.Tier).HasMaxLength(20);
        builder.Property(c => c.Role).HasMaxLength(20);
        builder.Property(c => c.Traceparent).HasMaxLength(64);
        builder.HasIndex(c => c.UserId);
    }
}
