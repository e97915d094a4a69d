using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Throughline.Frontend.Tests;

internal static class Certificates
{
    /// <summary>One that nobody vouches for, with its private key, for a day before and after now.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
