using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Audit;

/// <summary>A row of the audit log. The database refuses to change or delete one (see the migrations' triggers).</summary>
internal sealed class AuditEntry
{
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Event { get; init; }

    public required string Outcome { get; init; }

    public Guid? UserId { get; init; }

    public Guid? ActorId { get; init; }

    public Guid? SessionId { get; init; }

    public string? Address { get; init; }

    public string? UserAgent { get; init; }

    public string? Detail { get; init; }

    public string? TraceId { get; init; }

    public byte[] Hash { get; set; } = [];

    public AuditRecord ToRecord() => new(
        Seq, At, Event, Outcome, UserId, ActorId, SessionId, Address, UserAgent, Detail, TraceId, Convert.ToHexStringLower(Hash));
}

internal sealed class AuditEntryTable : IEntityTypeConfiguration<AuditEntry>
{
    public const int MaxDetailLength = 400;

    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("AuditEntries");
        builder.HasKey(e => e.Seq);
        builder.Property(e => e.Seq).ValueGeneratedNever();
        builder.Property(e => e.Event).HasMaxLength(40);
        builder.Property(e => e.Outcome).HasMaxLength(10);
        builder.Property(e => e.Address).HasMaxLength(64);
        builder.Property(e => e.UserAgent).HasMaxLength(SessionTable.MaxUserAgentLength);
        builder.Property(e => e.Detail).HasMaxLength(MaxDetailLength);
        builder.Property(e => e.TraceId).HasMaxLength(32);
        builder.Property(e => e.Hash).HasMaxLength(32);
        builder.HasIndex(e => new { e.UserId, e.Seq });
    }
}
