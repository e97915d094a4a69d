using Throughline.Auth.SigningKeys;

namespace Throughline.Auth.Factors;

/// <summary>Authenticators' secrets at rest: encrypted with the master key and bound to their account.</summary>
internal sealed class TotpSecrets(MasterKey master)
{
    public byte[] Seal(Guid userId, byte[] secret) => master.Encrypt(secret, PurposeOf(userId));

    public byte[] Open(Guid userId, byte[] sealedSecret) => master.Decrypt(sealedSecret, PurposeOf(userId));

    private static string PurposeOf(Guid userId) => $"totp {userId}";
}
