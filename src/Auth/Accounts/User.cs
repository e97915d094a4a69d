using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Accounts;

/// <summary>A person's account; Identity keeps the e-mail, the password's hash and what second factors need.</summary>
internal sealed class User : IdentityUser<Guid>
{
    public string Name { get; set; } = "";

    /// <summary><c>free</c>, <c>early</c>, <c>mid</c> or <c>enterprise</c>.</summary>
    public string Tier { get; set; } = "free";

    /// <summary><c>user</c> or <c>admin</c>.</summary>
    public string Role { get; set; } = "user";

    /// <summary>Rises by one with each change that others are told of.</summary>
    public long Version { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public bool IsDisabled { get; set; }

    public DateTimeOffset? PasswordChangedAt { get; set; }

    /// <summary>The authenticator's secret, encrypted with the master key. It counts once <c>TwoFactorEnabled</c> says so.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The time step (30 s) of the last code that was accepted; none at or before it is accepted again.</summary>
    public long TotpLastStep { get; set; }

    public Account ToAccount() => new(Id, Email!, Name, Tier, Role, Version, CreatedAt, EmailConfirmed);
}

internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.Property(u => u.Name).HasMaxLength(100);
        builder.Property(u => u.Tier).HasMaxLength(20);
        builder.Property(u => u.Role).HasMaxLength(20);
        // Identity's index on it is not unique; two sign-ups at the same moment must not both succeed.
        builder.HasIndex(u => u.NormalizedEmail).IsUnique().HasDatabaseName("EmailIndex");
    }
}
