using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Throughline.Auth.SigningKeys;

/// <summary>Where a key is in its life. A key is published before it signs, so that every verifier knows it by then.</summary>
internal enum SigningKeyState
{
    /// <summary>In the key set, signs nothing yet.</summary>
    Published,

    /// <summary>Signs every new token; one key at a time.</summary>
    Signing,

    /// <summary>Signs nothing any more; in the key set until its last token has expired.</summary>
    Retired,
}

/// <summary>An ES256 key. Its private part is encrypted with the master key of the state folder.</summary>
internal sealed class SigningKey
{
    public required string Id { get; init; }

    public required SigningKeyState State { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it entered its present state.</summary>
    public required DateTimeOffset StateSince { get; set; }

    public required byte[] EncryptedPrivateKey { get; init; }
}

internal sealed class SigningKeyTable : IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.ToTable("SigningKeys");
        builder.Property(k => k.Id).HasMaxLength(64);
        builder.Property(k => k.State).HasConversion<string>().HasMaxLength(20);
        // Two nodes that start on an empty database must not both make the first key.
        builder.HasIndex(k => k.State).IsUnique().HasFilter("\"State\" = 'Signing'");
    }
}
