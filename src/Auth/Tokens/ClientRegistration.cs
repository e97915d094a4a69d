using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Throughline.Auth.Tokens;

/// <summary>What was last registered for a client, so that a start which would register the same again does nothing.</summary>
internal sealed class ClientRegistration
{
    public required string ClientId { get; init; }

    public required byte[] Fingerprint { get; set; }
}

internal sealed class ClientRegistrationTable : IEntityTypeConfiguration<ClientRegistration>
{
    public void Configure(EntityTypeBuilder<ClientRegistration> builder)
    {
        builder.ToTable("ClientRegistrations");
        builder.HasKey(c => c.ClientId);
        builder.Property(c => c.ClientId).HasMaxLength(100);
        builder.Property(c => c.Fingerprint).HasMaxLength(32);
    }
}
