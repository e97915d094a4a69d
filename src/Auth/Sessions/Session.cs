using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Auth.Accounts;

namespace Throughline.Auth.Sessions;

/// <summary>One sign-in on one device: the claim <c>sid</c> of all its tokens, and what its sign-in cookie names.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends, however often it is renewed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>How it was begun: <c>password</c>, <c>totp</c>, <c>recovery_code</c>, <c>passkey</c> or <c>device</c>.</summary>
    public string Method { get; init; } = "password";

    public string? Address { get; set; }

    public string? UserAgent { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class SessionTable : IEntityTypeConfiguration<Session>
{
    public const int MaxUserAgentLength = 256;

    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("Sessions");
        builder.Property(s => s.Method).HasMaxLength(20);
        builder.Property(s => s.Address).HasMaxLength(64);
        builder.Property(s => s.UserAgent).HasMaxLength(MaxUserAgentLength);
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => s.ExpiresAt);
    }
}
